using MiniDns.IntegrationTests.Clients;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Zones that <c>dnssec</c> signs on the fly, as those see them who check signatures and proofs.</summary>
public sealed class OnlineSigningTests
{
    // RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384.
    [Theory]
    [InlineData(8, true, false)]
    [InlineData(10, false, false)]
    [InlineData(13, true, false)]
    [InlineData(13, false, true)]
    [InlineData(14, false, false)]
    public async Task Validators_believe_every_answer(int algorithm, bool isSplit, bool isAggressive)
    {
        await using SignedHost host = await SignedHost.StartOnlineAsync(algorithm, isSplit, isAggressive);
        IReadOnlyList<Question> questions = Questions.Online;

        // With a key for everything, the apex has one key instead of two.
        questions = isSplit ? questions : [.. questions.Where(q => q.Text != "signed.example DNSKEY")];
        await SignedZoneTests.UnboundBelievesAsync(host, Denial.Nsec, questions);
        await SignedZoneTests.DelvBelievesAsync(host, Denial.Nsec);
    }

    [Fact]
    public async Task Signatures_of_another_key_are_not_believed()
    {
        await using SignedHost host = await SignedHost.StartOnlineAsync(13, hasRightAnchor: false);
        string[] questions = ["web.signed.example A", "missing.signed.example A", "web.signed.example AAAA"];
        Assert.All(await host.AskAsync(questions), r => Assert.Equal("SERVFAIL", r.Code));
        Assert.DoesNotContain("fully validated", await host.DelvAsync("web.signed.example", "A"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denied_DS_record_makes_a_name_a_delegation_only_where_there_is_one()
    {
        await using SignedHost host = await SignedHost.StartOnlineAsync(13);
        string plain = (await host.AskServerAsync("+dnssec", "plain.signed.example", "DS")).Text;
        string far = (await host.AskServerAsync("+dnssec", "far.deep.signed.example", "DS")).Text;
        string web = (await host.AskServerAsync("+dnssec", "web.signed.example", "DS")).Text;
        string missing = (await host.AskServerAsync("+dnssec", "missing.signed.example", "DS")).Text;
        Assert.Matches(@"NSEC\s+\S+ NS RRSIG NSEC\n", plain);
        Assert.Matches(@"NSEC\s+\S+ NS RRSIG NSEC\n", far);
        Assert.Matches(@"NSEC\s+\S+ A PTR ", web);
        Assert.Matches(@"NSEC\s+\S+ A PTR ", missing);
    }

    [Fact]
    public async Task Nothing_is_signed_for_those_who_do_not_ask_for_it()
    {
        await using SignedHost host = await SignedHost.StartOnlineAsync(13);
        foreach (string name in (string[])["signed.example", "missing.signed.example", "any.wild.signed.example", "www.secure.signed.example"])
        {
            Assert.DoesNotMatch(@"\s(RRSIG|NSEC|DS)\s", (await host.AskServerAsync("+nodnssec", name, "MX")).Text);
        }

        Assert.Equal("NXDOMAIN", (await host.AskServerAsync("+nodnssec", "missing.signed.example", "A")).Code);
        DigReply keys = await host.AskServerAsync("+nodnssec", "signed.example", "DNSKEY");
        Assert.Equal(["DNSKEY", "DNSKEY"], keys.AnswerData.Select(a => a.Split(' ')[0]));
        Assert.Contains("aa", keys.Flags);

        // A transfer is the zone as it is in the file.
        Assert.DoesNotContain("RRSIG", await File.ReadAllTextAsync(await host.TransferAsync()), StringComparison.Ordinal);
    }
}
