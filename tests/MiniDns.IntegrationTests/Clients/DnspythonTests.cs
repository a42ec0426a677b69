using System.Text.Json;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

[Collection(ClientCollection.Name)]
public sealed class DnspythonTests(ClientServer server)
{
    /// <summary>Debian's own Python, which Debian's dnspython belongs to; another one may come first in PATH.</summary>
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task Replies_are_understood()
    {
        string script = Repository.PathOf("tests", "MiniDns.IntegrationTests", "Clients", "dnspython_client.py");
        ToolResult result = (await Tool.RunAsync(Python, "-B", script, "127.0.0.1", server.Port)).Succeeded();
        JsonElement replies = JsonDocument.Parse(result.Output).RootElement;

        JsonElement udp = replies.GetProperty("udp");
        Assert.Equal("NOERROR", udp.GetProperty("code").GetString());
        Assert.Equal("QR AA RD", udp.GetProperty("flags").GetString());
        Assert.Equal(-1, udp.GetProperty("edns").GetInt32());
        Assert.Equal(["web.mycompany.com. 120 A 192.168.1.10"], Texts(udp.GetProperty("answer")));

        Assert.Equal(["db.mycompany.com. 120 AAAA fd00::11"], Texts(replies.GetProperty("tcp").GetProperty("answer")));
        Assert.Equal(ClientServer.ManyAddresses, replies.GetProperty("fallback").GetInt32());

        JsonElement nsid = replies.GetProperty("nsid");
        Assert.Equal(0, nsid.GetProperty("edns").GetInt32());
        Assert.Equal("""[[3,"rack 7"]]""", nsid.GetProperty("options").GetRawText().Replace(", ", ",", StringComparison.Ordinal));

        Assert.Equal(["192.168.1.11"], Texts(replies.GetProperty("resolver")));
        Assert.Equal(["db.mycompany.com."], Texts(replies.GetProperty("reverse")));
        Assert.Equal(["192.168.1.10", "192.168.1.11"], Texts(replies.GetProperty("pipelined")));
    }

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(e => e.GetString()!);
}
