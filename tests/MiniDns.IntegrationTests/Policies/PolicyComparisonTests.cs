using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Policies;

/// <summary>BIND's named and MiniDns with the same policy zones in front of the same upstream answer alike.</summary>
public sealed class PolicyComparisonTests : IAsyncLifetime
{
    private const string Upstream = "127.0.0.9";
    private const string Named = "127.0.0.3";
    private const string Own = "127.0.0.2";
    private const string Python = "/usr/bin/python3";

    private readonly TestDirectory _directory = new();
    private readonly PolicyMatrix _matrix = new();
    private readonly List<IAsyncDisposable> _running = [];
    private NetworkNamespace? _network;

    private NetworkNamespace Network => _network!;

    public async Task InitializeAsync()
    {
        _network = await NetworkNamespace.CreateAsync("policies");
        foreach (string address in (string[])[Upstream, Named, Own])
        {
            await _network.AddAddressAsync(address + "/8", "lo");       // named listens on addresses that interfaces have
        }

        foreach (string address in PolicyMatrix.ServerAddresses)
        {
            await _network.AddAddressAsync(address + "/32", "lo");
        }

        foreach (string source in _matrix.Questions.Select(q => q.Split(' ')[2]).Distinct().Where(s => s != "127.0.0.1"))
        {
            await _network.AddAddressAsync(source + "/8", "lo");
        }

        foreach ((string name, string text) in _matrix.Zones)
        {
            _directory.Write(FileOf(name), text);
        }

        foreach ((string name, _, _, string text) in _matrix.Policies)
        {
            _directory.Write(name + ".zone", text);
        }

        _directory.Write("hints", ". 3600 NS ns.good.\nns.good. 3600 A " + Upstream + "\n");
        _directory.Write("questions", string.Join('\n', _matrix.Questions) + "\n");
    }

    [Fact]
    public async Task Every_trigger_with_every_action_gives_the_answer_that_named_gives()
    {
        await StartNamedAsync("upstream.conf", $"{Upstream}; 10.0.0.0/8", Upstream, string.Concat(_matrix.Zones.Keys.Select(z => $"zone \"{z}\" {{ type primary; file \"{FileOf(z)}\"; }};\n")), "recursion no;");
        string policies = string.Concat(_matrix.Policies.Select(p => $"zone \"{p.Name}\" policy {p.BindWord} max-policy-ttl 1h;\n"));
        RunningProgram named = await StartNamedAsync(
            "named.conf",
            Named,
            Named,
            "zone \".\" { type hint; file \"hints\"; };\n" + string.Concat(_matrix.Policies.Select(p => $"zone \"{p.Name}\" {{ type primary; file \"{p.Name}.zone\"; }};\n")),
            $"recursion yes; qname-minimization off; response-policy {{\n{policies}}} recursive-only no break-dnssec yes;");
        string zones = string.Concat(_matrix.Policies.Select(p => $"zone {p.Name} {{\nfile {p.Name}.zone\npolicy {p.Word}\nmax_ttl 3600\nlog\n}}\n"));
        await using ServerProcess server = await ServerProcess.StartAsync(
            _directory,
            $$"""
            . {
                bind {{Own}}
                errors
                rpz {
            {{zones}}
                }
                cache
                forward . {{Upstream}}
            }
            """,
            [.. Network.Exec]);

        // The second time MiniDns answers from its cache.
        for (int round = 1; round <= 2; round++)
        {
            ToolResult result = (await Network.RunAsync(Python, "-B", Repository.PathOf("tests", "MiniDns.IntegrationTests", "Policies", "compare_policies.py"), Named, Own, _directory["questions"])).Succeeded();
            Assert.True(
                result.Lines[^1] == string.Create(CultureInfo.InvariantCulture, $"{_matrix.Questions.Count} questions, 0 differences"),
                $"{result}\n{named.Transcript}\n{server.Transcript}");
        }
    }

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable running in _running)
        {
            await running.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        _directory.Dispose();
    }

    private static string FileOf(string zone) => zone == "." ? "root.zone" : zone + ".zone";

    private async Task<RunningProgram> StartNamedAsync(string file, string listens, string address, string zones, string options)
    {
        _directory.Write(file, $$"""
            options {
                directory "{{_directory.Path}}";
                listen-on port 53 { {{listens}}; };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                dnssec-validation no;
                empty-zones-enable no;
                {{options}}
            };
            controls { };
            {{zones}}
            """);
        var program = new RunningProgram(_directory.Path, [.. Network.Exec, "/usr/sbin/named", "-g", "-c", _directory[file]]);
        _running.Add(program);
        await Eventually.TrueAsync(
            async () => (await Network.RunAsync("dig", "@" + address, "+time=1", "+tries=1", "plain.good", "A")).Output.Contains("status: NOERROR", StringComparison.Ordinal),
            () => program.Transcript);
        return program;
    }
}
