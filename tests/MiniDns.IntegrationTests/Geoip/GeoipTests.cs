using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Geoip;

/// <summary>The server and MaxMind's own <c>mmdblookup</c> find the same in a database.</summary>
public sealed class GeoipTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    private static readonly string[][] Paths =
    [
        ["city", "names", "en"], ["country", "iso_code"], ["country", "names", "en"], ["continent", "code"], ["location", "latitude"], ["location", "time_zone"],
        ["postal", "code"],
    ];

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public async Task Both_find_the_same(int recordBits)
    {
        string file = host.Directory[$"city{recordBits}.mmdb"];
        await File.WriteAllBytesAsync(file, GeoFiles.City(recordBits));
        await using ServerProcess server = await ServeAsync(file);
        foreach (string address in (string[])["192.0.2.200", "198.51.100.7", "203.0.113.255", "2001:db8:1::", "10.0.0.1", "2001:db9::"])
        {
            string[] expected = await Task.WhenAll(Paths.Select(p => LookUpAsync(file, address, p)));
            (await host.Network.RunAsync("dig", "@127.0.0.1", $"+subnet={address}", "+tries=2", "+time=5", $"{Escape(address)}.example")).Succeeded();
            string line = await server.LineAsync(l => l.Contains($" {Escape(address)}.example. ", StringComparison.Ordinal));
            Assert.EndsWith(". " + string.Join('|', expected), line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_file_is_used_without_a_reload()
    {
        string file = host.Directory["changing.mmdb"];
        await File.WriteAllBytesAsync(file, GeoFiles.City());
        await using ServerProcess server = await ServeAsync(file);
        Assert.StartsWith("Cambridge|GB", await CityAsync("127.9.0.1"), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(file + ".new", new MmdbWriter("GeoLite2-City").Add("127.0.0.0/8", new Dictionary<string, object> { ["country"] = new Dictionary<string, object> { ["iso_code"] = "AT" } }).Build());
        File.Move(file + ".new", file, overwrite: true);
        await Eventually.TrueAsync(async () => (await CityAsync("127.9.0.1")).StartsWith("-|AT|", StringComparison.Ordinal), () => server.Transcript);

        // Cut short in place: the last good one stays.
        await using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength(100);
        }

        await server.LineAsync(l => l.Contains("no MaxMind DB file", StringComparison.Ordinal));
        Assert.StartsWith("-|AT|", await CityAsync("127.9.0.1"), StringComparison.Ordinal);

        async Task<string> CityAsync(string client)
        {
            string name = $"n{Guid.NewGuid():N}.example.";
            (await host.Network.RunAsync("dig", "-b", client, "@127.0.0.1", "+tries=2", "+time=5", name)).Succeeded();
            return (await server.LineAsync(l => l.Contains(name, StringComparison.Ordinal))).Split(name + " ")[^1];
        }
    }

    private Task<ServerProcess> ServeAsync(string file) => ServerProcess.StartAsync(
        host.Directory,
        $$"""
        . {
            bind 127.0.0.1
            metadata
            geoip {{file}} {
                edns-subnet
            }
            log . "at {name} {/geoip/city/name}|{/geoip/country/code}|{/geoip/country/name}|{/geoip/continent/code}|{/geoip/latitude}|{/geoip/timezone}|{/geoip/postalcode}"
            whoami
        }
        """,
        [.. host.Network.Exec]);

    private static string Escape(string address) => "a" + address.Replace(':', '-').Replace('.', '-');

    /// <summary>A value as <c>mmdblookup</c> prints it, without its type; a dash when there is none.</summary>
    private static async Task<string> LookUpAsync(string file, string address, string[] path)
    {
        ToolResult result = await Tool.RunAsync("mmdblookup", ["--file", file, "--ip", address, .. path]);
        Match value = Regex.Match(result.Output, @"^\s*""?(?<value>.*?)""?\s*<\w+>", RegexOptions.ExplicitCapture);
        Assert.True(value.Success || result.Error.Contains("Could not find", StringComparison.Ordinal) || result.Error.Contains("does not match the data", StringComparison.Ordinal), result.ToString());
        return !value.Success ? "-" : Regex.Replace(value.Groups["value"].Value, @"(\.\d*?)0+$", "$1").TrimEnd('.');
    }
}
