namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>Knot DNS as the primary.</summary>
internal sealed class KnotHost : PrimaryHost
{
    public override string Address => "127.0.0.2";

    protected override IReadOnlyList<string> Command => ["/usr/sbin/knotd", "-c", Configure()];

    protected override async Task ReloadAsync() => (await Network.RunAsync("knotc", "-s", Directory["knot.sock"], "zone-reload", Zone)).Succeeded();

    private string Configure() => Directory.Write("knot.conf", $"""
        server:
            rundir: {Directory.Path}
            listen: {Address}@53
            user: root:root
        control:
            listen: {Directory["knot.sock"]}
        database:
            storage: {Directory.Path}
        log:
          - target: stdout
            any: info
        key:
          - id: {KeyName}
            algorithm: {KeyAlgorithm}
            secret: {Secret}
        remote:
          - id: minidns
            address: 127.0.0.1@53
            via: {Address}
            {(HasKey ? "key: " + KeyName : "")}
        acl:
          - id: transfers
            address: 127.0.0.0/8
            action: transfer
            {(HasKey ? "key: " + KeyName : "")}
        zone:
          - domain: {Zone}
            storage: {Directory.Path}
            file: {Zone}.zone
            notify: minidns
            acl: transfers
            zonefile-load: difference
            zonefile-sync: -1
            journal-content: all
        """);
}
