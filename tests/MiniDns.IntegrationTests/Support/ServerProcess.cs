using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace MiniDns.IntegrationTests.Support;

/// <summary>The built server, running as a process of its own.</summary>
internal sealed partial class ServerProcess : RunningProgram
{
    private ServerProcess(ServerLaunch launch)
        : base(launch.Directory, launch.Command)
    {
    }

    /// <summary>The addresses of the banner, in its order.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>The port of the first address.</summary>
    public string Port => Addresses[0].Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts the server and waits for the end of its banner.</summary>
    public static async Task<ServerProcess> StartAsync(ServerLaunch launch)
    {
        var server = new ServerProcess(launch);
        try
        {
            await server.LineAsync(IsBannerEnd);
            server.Addresses = [.. server.Output.All.TakeWhile(l => !IsBannerEnd(l)).Select(l => BannerAddress().Match(l)).Where(m => m.Success).Select(EndPoint)];
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server with a Corefile, which is written into the directory first.</summary>
    public static Task<ServerProcess> StartAsync(TestDirectory directory, string corefile, params IReadOnlyList<string> prefix) =>
        StartAsync(new ServerLaunch { Directory = directory.Path, Prefix = prefix, Arguments = ["-conf", directory.Write("Corefile", corefile)] });

    /// <summary>Runs the server where it is expected to end by itself.</summary>
    public static async Task<ToolResult> RunAsync(ServerLaunch launch) =>
        await Tool.RunInAsync(launch.Directory, launch.Command[0], launch.Command.Skip(1));

    private static bool IsBannerEnd(string line) => line.StartsWith("MiniDns-", StringComparison.Ordinal);

    private static IPEndPoint EndPoint(Match match) => new(
        match.Groups["address"] is { Success: true, Value: var text } ? IPAddress.Parse(text) : IPAddress.Any,
        int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^\S*:(?<port>\d+)(?: on (?<address>\S+))?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex BannerAddress();
}
