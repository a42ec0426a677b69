using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>
/// A host with a signed zone on 127.0.0.1, some of its children there and some on 127.0.0.3, and a validating unbound on 127.0.0.2
/// that knows the zone's key and nothing else.
/// </summary>
internal sealed class SignedHost : IAsyncDisposable
{
    private const string ServerAddress = "127.0.0.1";
    private const string ResolverAddress = "127.0.0.2";
    private const string OtherServerAddress = "127.0.0.3";

    private readonly NetworkNamespace _network;
    private readonly TestDirectory _directory = new();
    private ServerProcess? _server;
    private RunningProgram? _resolver;
    private SignedZone? _zone;

    private SignedHost(NetworkNamespace network)
    {
        _network = network;
    }

    /// <summary>The file of the zone at the top.</summary>
    public string ZoneFile => Zone.File;

    private string AnchorFile => _directory["anchor.ds"];

    private SignedZone Zone => _zone ?? throw new InvalidOperationException("not signed");

    /// <summary>Signs the zones and starts the servers.</summary>
    /// <param name="signer">What signs.</param>
    /// <param name="denial">The kind of proofs.</param>
    /// <param name="algorithm">The number of the signing algorithm.</param>
    /// <param name="spoil">What happens to the signed file at the top before it is served.</param>
    public static async Task<SignedHost> StartAsync(Signer signer, Denial denial, int algorithm, Func<string, string>? spoil = null)
    {
        var host = new SignedHost(await NetworkNamespace.CreateAsync("signed"));
        try
        {
            await host.SignAsync(new ZoneSigner(host._directory, signer, denial, algorithm));
            if (spoil is not null)
            {
                File.WriteAllText(host.ZoneFile, spoil(File.ReadAllText(host.ZoneFile)));
            }

            await host.StartServerAsync();
            await host.StartResolverAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts servers that sign on the fly what is in unsigned files.</summary>
    /// <param name="algorithm">The number of the signing algorithm.</param>
    /// <param name="isSplit">True when the zone at the top has a key that signs the keys and one that signs the rest; its children have
    /// one for both.</param>
    /// <param name="isAggressive">True when the resolver concludes from NSEC records what it was not told (RFC 8198).</param>
    /// <param name="hasRightAnchor">False when the resolver knows a key that is not the zone's.</param>
    public static async Task<SignedHost> StartOnlineAsync(int algorithm, bool isSplit = true, bool isAggressive = false, bool hasRightAnchor = true)
    {
        var host = new SignedHost(await NetworkNamespace.CreateAsync("online"));
        try
        {
            var keys = new KeyMaker(host._directory, algorithm);
            (string file, string ds) here = await keys.MakeAsync("here." + TrickyZone.Origin);
            (string file, string ds) secure = await keys.MakeAsync("secure." + TrickyZone.Origin);
            (string file, string ds) top = await keys.MakeAsync(TrickyZone.Origin, isEntryPoint: isSplit);
            string more = isSplit ? (await keys.MakeAsync(TrickyZone.Origin)).File : "";
            string ds = hasRightAnchor ? top.ds : (await keys.MakeAsync(TrickyZone.Origin)).Ds;
            host._zone = new SignedZone(TrickyZone.Origin, host._directory.Write("top", $"$TTL 3600\n{TrickyZone.Text}here DS {here.ds}\nsecure DS {secure.ds}\n"), ds);
            host._directory.Write("unsigned.here", TrickyZone.Unsigned(ServerAddress));
            host._directory.Write("unsigned.there", TrickyZone.Unsigned(OtherServerAddress));
            File.WriteAllText(host.AnchorFile, $"{TrickyZone.Origin}. 3600 IN DS {ds}\n");
            await host.StartOnlineServerAsync($"{top.file} {more}", here.file, secure.file);
            await host.StartResolverAsync(isAggressive);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the validating resolver, one question after the other.</summary>
    /// <param name="questions">Name and type.</param>
    /// <param name="options">Further options of dig, such as <c>+cd</c>.</param>
    public async Task<IReadOnlyList<DigReply>> AskAsync(IEnumerable<string> questions, string options = "")
    {
        string batch = _directory.Write("questions", string.Concat(questions.Select(q => $"@{ResolverAddress} +dnssec {options} {q}\n")));
        const string Banner = "; <<>> DiG";
        ToolResult all = (await _network.RunAsync("dig", "-f", batch)).Succeeded();
        return [.. all.Output.Split(Banner, StringSplitOptions.RemoveEmptyEntries)
            .Where(o => o.Contains("->>HEADER<<-", StringComparison.Ordinal))
            .Select(o => DigReply.Parse(all with { Output = Banner + o }))];
    }

    /// <summary>Asks the server itself.</summary>
    public async Task<DigReply> AskServerAsync(params IReadOnlyList<string> arguments) =>
        DigReply.Parse(await _network.RunAsync("dig", ["@" + ServerAddress, "+norecurse", .. arguments]));

    /// <summary>Lets delv ask the server itself, and check what it gets.</summary>
    public async Task<string> DelvAsync(string name, string type)
    {
        string[] ds = Zone.Ds.Split(' ');
        string anchors = _directory.Write("anchors", $$"""trust-anchors { "{{Zone.Origin}}" static-ds {{ds[0]}} {{ds[1]}} {{ds[2]}} "{{ds[3]}}"; };""");
        ToolResult result = await _network.RunAsync("delv", "@" + ServerAddress, "-a", anchors, "+root=" + Zone.Origin, "+multiline", name, type);
        return result.Output + result.Error;
    }

    /// <summary>The zone at the top as a transfer gives it, as a file.</summary>
    public async Task<string> TransferAsync()
    {
        IReadOnlyList<string> lines = (await _network.RunAsync("dig", "@" + ServerAddress, "+noall", "+answer", "+onesoa", Zone.Origin, "AXFR")).Succeeded().Lines;
        return _directory.Write("transferred", string.Join('\n', lines) + "\n");
    }

    /// <summary>Lets the checkers of BIND, ldns and Knot check a file of the zone.</summary>
    public async Task<IReadOnlyList<ToolResult>> CheckAsync(string file)
    {
        return
        [
            await Tool.RunAsync("dnssec-verify", "-o", Zone.Origin, file),
            await Tool.RunAsync("ldns-verify-zone", "-k", AnchorFile, file),
            await Tool.RunAsync("kzonecheck", "--dnssec", "on", "--origin", Zone.Origin, file),
        ];
    }

    /// <summary>What the resolver said, for a failed test.</summary>
    public string Transcript => _resolver?.Transcript + "\n" + _server?.Transcript;

    public async ValueTask DisposeAsync()
    {
        if (_resolver is not null)
        {
            await _resolver.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _network.DisposeAsync();
        _directory.Dispose();
    }

    private async Task SignAsync(ZoneSigner signer)
    {
        SignedZone here = await signer.SignAsync("here." + TrickyZone.Origin, TrickyZone.Child(ServerAddress));
        SignedZone secure = await signer.SignAsync("secure." + TrickyZone.Origin, TrickyZone.Child(OtherServerAddress));
        _directory.Write("unsigned.here", TrickyZone.Unsigned(ServerAddress));
        _directory.Write("unsigned.there", TrickyZone.Unsigned(OtherServerAddress));
        _zone = await signer.SignAsync(TrickyZone.Origin, TrickyZone.Text + $"here DS {here.Ds}\nsecure DS {secure.Ds}\n");
        File.WriteAllText(AnchorFile, $"{Zone.Origin}. 3600 IN DS {Zone.Ds}\n");
    }

    private async Task StartServerAsync()
    {
        string origin = TrickyZone.Origin;
        _server = await ServerProcess.StartAsync(_directory, $$"""
            {{origin}} here.{{origin}} {
                bind {{ServerAddress}}
                errors
                file signed/{{origin}} {{origin}}
                file signed/here.{{origin}} here.{{origin}}
                transfer {{origin}} {
                    to *
                }
            }
            plain.{{origin}} {
                bind {{ServerAddress}}
                errors
                file unsigned.here
            }
            secure.{{origin}} {
                bind {{OtherServerAddress}}
                errors
                file signed/secure.{{origin}}
            }
            insecure.{{origin}} far.deep.{{origin}} {
                bind {{OtherServerAddress}}
                errors
                file unsigned.there
            }
            """, [.. _network.Exec]);
    }

    private async Task StartOnlineServerAsync(string keys, string hereKey, string secureKey)
    {
        string origin = TrickyZone.Origin;
        _server = await ServerProcess.StartAsync(_directory, $$"""
            {{origin}} {
                bind {{ServerAddress}}
                errors
                dnssec {
                    key file {{keys}}
                }
                file top
                transfer {
                    to *
                }
            }
            here.{{origin}} {
                bind {{ServerAddress}}
                errors
                dnssec {
                    key file {{hereKey}}
                }
                file unsigned.here
            }
            plain.{{origin}} {
                bind {{ServerAddress}}
                errors
                file unsigned.here
            }
            secure.{{origin}} {
                bind {{OtherServerAddress}}
                errors
                dnssec {
                    key file {{secureKey}}
                }
                file unsigned.there
            }
            insecure.{{origin}} far.deep.{{origin}} {
                bind {{OtherServerAddress}}
                errors
                file unsigned.there
            }
            """, [.. _network.Exec]);
    }

    private async Task StartResolverAsync(bool isAggressive = false)
    {
        string configuration = _directory.Write("unbound.conf", $"""
            server:
                interface: {ResolverAddress}
                access-control: 127.0.0.0/8 allow
                do-daemonize: no
                chroot: ""
                username: ""
                directory: "{_directory.Path}"
                pidfile: ""
                use-syslog: no
                logfile: ""
                verbosity: 1
                val-log-level: 2
                num-threads: 1
                do-ip6: no
                do-not-query-localhost: no
                module-config: "validator iterator"
                trust-anchor-file: "{AnchorFile}"
                trust-anchor-signaling: no
                # Every question is to reach the server, unless that is the test.
                aggressive-nsec: {(isAggressive ? "yes" : "no")}
            remote-control:
                control-enable: no
            stub-zone:
                name: {Zone.Origin}
                stub-addr: {ServerAddress}
            """);
        _resolver = new RunningProgram(_directory.Path, [.. _network.Exec, "/usr/sbin/unbound", "-d", "-p", "-c", configuration]);
        Assert.True(
            await _resolver.Error.FindAsync(l => l.Contains("start of service", StringComparison.Ordinal)) is not null,
            "unbound did not start:\n" + _resolver.Transcript);
    }
}
