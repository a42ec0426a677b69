using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>A secondary of another make.</summary>
internal static class Secondary
{
    /// <summary>Where a secondary is.</summary>
    public static string AddressOf(string make) => make switch
    {
        "knot" => "127.0.0.2",
        "nsd" => "127.0.0.3",
        _ => "127.0.0.4",
    };

    /// <summary>Starts one that gets its zone from 127.0.0.1.</summary>
    public static RunningProgram Start(string make, PrimaryHost primary, TransferKey? key = null)
    {
        string directory = primary.Directory.Path;
        string address = AddressOf(make);
        IReadOnlyList<string> command = make switch
        {
            "knot" => ["/usr/sbin/knotd", "-c", primary.Directory.Write("knot.conf", Knot(directory, address, key))],
            "nsd" => ["/usr/sbin/nsd", "-d", "-c", primary.Directory.Write("nsd.conf", Nsd(directory, address, key))],
            _ => ["/usr/sbin/named", "-g", "-c", primary.Directory.Write("named.conf", Bind(directory, address, key))],
        };
        return new RunningProgram(directory, [.. primary.Network.Exec, .. command]);
    }

    private static string Knot(string directory, string address, TransferKey? key) => $"""
        server:
            rundir: {directory}
            listen: {address}@53
            user: root:root
        control:
            listen: {directory}/knot.sock
        database:
            storage: {directory}
        log:
          - target: stdout
            any: info
        key:
          - id: {TransferKey.Name}
            algorithm: {key?.Algorithm ?? "hmac-sha256"}
            secret: {TransferKey.Secret}
        remote:
          - id: primary
            address: 127.0.0.1@53
            via: {address}
            {(key is null ? "" : "key: " + TransferKey.Name)}
        acl:
          - id: news
            address: 127.0.0.1
            action: notify
            {(key is null ? "" : "key: " + TransferKey.Name)}
          - id: neighbours
            address: 127.0.0.0/8
            action: transfer
        zone:
          - domain: {ChangingZone.Origin}
            storage: {directory}
            file: knot.zone
            master: primary
            acl: [ news, neighbours ]
        """;

    private static string Nsd(string directory, string address, TransferKey? key) => $"""
        server:
            ip-address: {address}
            port: 53
            server-count: 1
            username: root
            zonesdir: {directory}
            database: ""
            pidfile: {directory}/nsd.pid
            xfrdfile: {directory}/nsd.xfrd
            zonelistfile: {directory}/nsd.zones
            xfrdir: {directory}
            xfrd-reload-timeout: 0
            verbosity: 2
        remote-control:
            control-enable: no
        key:
            name: "{TransferKey.Name}"
            algorithm: {key?.Algorithm ?? "hmac-sha256"}
            secret: "{TransferKey.Secret}"
        zone:
            name: {ChangingZone.Origin}
            zonefile: nsd.zone
            request-xfr: 127.0.0.1@53 {(key is null ? "NOKEY" : TransferKey.Name)}
            allow-notify: 127.0.0.1 {(key is null ? "NOKEY" : TransferKey.Name)}
            outgoing-interface: {address}
            provide-xfr: 127.0.0.0/8 NOKEY
        """;

    private static string Bind(string directory, string address, TransferKey? key) => $$"""
        key {{TransferKey.Name}} {
            algorithm {{key?.Algorithm ?? "hmac-sha256"}};
            secret "{{TransferKey.Secret}}";
        };
        options {
            directory "{{directory}}";
            listen-on port 53 { {{address}}; };
            listen-on-v6 { none; };
            pid-file none;
            session-keyfile none;
            managed-keys-directory "{{directory}}";
            dnssec-validation no;
            recursion no;
            notify no;
            transfer-source {{address}};
            allow-transfer { 127.0.0.0/8; };
        };
        controls { };
        zone "{{ChangingZone.Origin}}" {
            type secondary;
            primaries { 127.0.0.1{{(key is null ? "" : " key " + TransferKey.Name)}}; };
            file "bind.zone";
            masterfile-format text;
        };
        """;
}
