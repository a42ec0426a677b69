namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>NSD as the primary.</summary>
internal sealed class NsdHost : PrimaryHost
{
    public override string Address => "127.0.0.4";

    protected override IReadOnlyList<string> Command => ["/usr/sbin/nsd", "-d", "-c", Configure()];

    private string Auth => HasKey ? KeyName : "NOKEY";

    protected override Task ReloadAsync() => Primary.SignalAsync("HUP");

    private string Configure() => Directory.Write("nsd.conf", $"""
        server:
            ip-address: {Address}
            username: ""
            chroot: ""
            server-count: 1
            zonesdir: "{Directory.Path}"
            database: ""
            pidfile: ""
            xfrdfile: "{Directory["xfrd.state"]}"
            xfrdir: "{Directory.Path}"
            zonelistfile: "{Directory["zone.list"]}"
            verbosity: 1
        remote-control:
            control-enable: no
        key:
            name: "{KeyName}"
            algorithm: {KeyAlgorithm}
            secret: "{Secret}"
        zone:
            name: "{Zone}"
            zonefile: "{Zone}.zone"
            notify: 127.0.0.1 {Auth}
            outgoing-interface: {Address}
            provide-xfr: 127.0.0.0/8 {Auth}
            store-ixfr: yes
            create-ixfr: yes
        """);
}
