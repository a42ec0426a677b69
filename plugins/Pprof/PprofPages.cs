using System.Globalization;
using System.Net;

namespace MiniDns.Plugins.Pprof;

/// <summary>The pages. Each is made when it is asked for; nothing is gathered in between.</summary>
internal sealed class PprofPages(DnsServices services, MemoryReport memory)
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromSeconds(30);

    private readonly CounterReport _counters = new(services);

    /// <summary>The pages, for an address.</summary>
    /// <param name="address">Where they are served.</param>
    /// <param name="plugin">The plugin's name.</param>
    public IEnumerable<HttpSideEndpoint> At(IPEndPoint address, string plugin)
    {
        yield return new HttpSideEndpoint(address, "/debug/pprof", Text(_ => Index()), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/", Text(_ => Index()), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/counters", CountersAsync, plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/memory", Text(q => Show(q, memory.Read())), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/threads", Text(q => Show(q, [ThreadReport.Read()])), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/trace", Text(_ => Attach()), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/cmdline", Text(_ => new HttpSideReply(200, string.Join('\0', Environment.GetCommandLineArgs()))), plugin);
        yield return new HttpSideEndpoint(address, "/debug/pprof/profile", Text(_ => NoProfile()), plugin);
        yield return new HttpSideEndpoint(address, "/diag", DiagAsync, plugin);
    }

    private static Func<string, CancellationToken, ValueTask<HttpSideReply>> Text(Func<string, HttpSideReply> make) => (query, _) => new ValueTask<HttpSideReply>(make(query));

    private static HttpSideReply Show(string query, IEnumerable<DiagSection> sections) =>
        HasWord(query, "json") ? new HttpSideReply(200, DiagText.WriteJson(sections), "application/json; charset=utf-8") : new HttpSideReply(200, DiagText.Write(sections));

    private static bool HasWord(string query, string word) => query.TrimStart('?').Split('&').Any(p => p == word || p.StartsWith(word + "=", StringComparison.Ordinal));

    private static HttpSideReply Index() => new(200, """
        counters   what goes on, and how fast; ?seconds=N measures for N seconds (1 to 30)
        memory     what takes the memory
        threads    the threads of the process
        trace      how to attach dotnet-counters, dotnet-trace and others
        cmdline    how the process was started

        /diag      counters, memory, threads and how to attach, on one page

        With ?json counters, memory, threads and /diag are JSON.

        """);

    private static HttpSideReply NoProfile() => new(501, "There are no profiles in the format of Go's pprof; /debug/pprof/trace tells how to take one with dotnet-trace.\n");

    private static HttpSideReply Attach() => new(200, AttachText());

    private static string AttachText()
    {
        string id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        bool isOff = Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") == "0";
        string socket = isOff ? "none: DOTNET_EnableDiagnostics=0 switches it off"
            : Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{id}-*-socket").FirstOrDefault() ?? "none was found in " + Path.GetTempPath();
        return $"""
            The runtime's event pipe is at the socket
              {socket}
            These talk to it as the same user or root, from the same file system and process namespace
            (dotnet tool install -g dotnet-counters, and so on):

              dotnet-counters monitor -p {id}
              dotnet-trace collect -p {id} --duration 00:00:10        a CPU profile; open it with PerfView, Visual Studio or
              dotnet-trace convert FILE.nettrace --format Speedscope  https://www.speedscope.app
              dotnet-stack report -p {id}                             what each thread does now
              dotnet-gcdump collect -p {id}                           what the heap is made of; collects garbage first
              dotnet-dump collect -p {id}                             everything; stops the process for a while

            In a container, mount its /tmp beside it or run the tools inside. For perf(1), start the server with DOTNET_PerfMapEnabled=1.

            """;
    }

    private static TimeSpan SpanOf(string query)
    {
        string? seconds = query.TrimStart('?').Split('&').FirstOrDefault(p => p.StartsWith("seconds=", StringComparison.Ordinal))?["seconds=".Length..];
        return double.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? TimeSpan.FromSeconds(Math.Clamp(number, DefaultSpan.TotalSeconds, LongestSpan.TotalSeconds))
            : DefaultSpan;
    }

    private async ValueTask<HttpSideReply> CountersAsync(string query, CancellationToken cancellationToken) =>
        Show(query, await _counters.ReadAsync(SpanOf(query), cancellationToken).ConfigureAwait(false));

    private async ValueTask<HttpSideReply> DiagAsync(string query, CancellationToken cancellationToken)
    {
        IReadOnlyList<DiagSection> counters = await _counters.ReadAsync(SpanOf(query), cancellationToken).ConfigureAwait(false);
        HttpSideReply page = Show(query, [.. counters, .. memory.Read(), ThreadReport.Read()]);
        return HasWord(query, "json") ? page : page with { Body = page.Body + AttachText() };
    }
}
