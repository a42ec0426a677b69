namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>BIND 9 as the primary.</summary>
internal sealed class BindHost : PrimaryHost
{
    public override string Address => "127.0.0.3";

    protected override IReadOnlyList<string> Command => ["/usr/sbin/named", "-g", "-c", Configure()];

    protected override Task ReloadAsync() => Primary.SignalAsync("HUP");

    private string Configure() => Directory.Write("named.conf", $$"""
        key {{KeyName}} {
            algorithm {{KeyAlgorithm}};
            secret "{{Secret}}";
        };
        options {
            directory "{{Directory.Path}}";
            listen-on port 53 { {{Address}}; };
            listen-on-v6 { none; };
            pid-file none;
            session-keyfile none;
            recursion no;
            dnssec-validation no;
            allow-transfer { {{(HasKey ? $"key {KeyName}" : "127.0.0.0/8")}}; };
            notify explicit;
            also-notify { 127.0.0.1{{(HasKey ? $" key {KeyName}" : "")}}; };
            notify-source {{Address}};
            notify-delay 0;
            notify-rate 1000;
            startup-notify-rate 1000;
            ixfr-from-differences yes;
        };
        controls { };
        zone "{{Zone}}" {
            type primary;
            file "{{Zone}}.zone";
        };
        """);
}
