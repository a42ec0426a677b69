using System.Runtime.InteropServices;
using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The program as one file, which carries the runtime.</summary>
public sealed class SingleFileTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task It_needs_no_runtime_and_no_other_file()
    {
        using var directory = new TestDirectory();
        string home = "HOME=" + Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] environment = [home, "MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_USE_MSBUILD_SERVER=0"];
        string[] publish =
        [
            Repository.DotnetHost, "publish", Repository.PathOf("src", "MiniDns", "MiniDns.csproj"), "-p:PublishProfile=SingleFile", "-r", RuntimeInformation.RuntimeIdentifier,
            "--artifacts-path", directory["artifacts"], "-o", directory["out"], "-p:RunAnalyzers=false", "--nologo", "-v", "quiet",
        ];
        (await Tool.RunInAsync("/", "env", [.. environment, .. publish], Patience)).Succeeded();
        Assert.Equal(["minidns", "rehearsal.zone"], Directory.GetFiles(directory["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        File.Delete(directory["out/rehearsal.zone"]);

        host.Directory.Write("Corefile", ".:1053 {\n    cache\n    hosts {\n        10.0.0.1 web.mycompany.com\n    }\n}\n");
        string[] program = ["/usr/bin/env", "-i", directory["out/minidns"]];
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch() with { Program = program });
        Assert.Equal(["A 10.0.0.1"], DigReply.Parse(await host.Network.RunAsync("dig", "@127.0.0.1", "-p", "1053", "+tries=1", "web.mycompany.com")).AnswerData);
        Assert.Equal("10.0.0.1\n", (await host.Network.RunAsync(directory["out/minidns"], "query", "@127.0.0.1:1053", "web.mycompany.com", "+short")).Succeeded().Output);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(server.Error.All);
    }
}
