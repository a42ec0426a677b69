using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Clients;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Signed zones, served by <c>file</c>, as those see them who check signatures and proofs.</summary>
public sealed class SignedZoneTests
{
    public static TheoryData<Signer, Denial, int> Zones
    {
        get
        {
            var all = new TheoryData<Signer, Denial, int>();
            foreach (Signer signer in Enum.GetValues<Signer>())
            {
                foreach (Denial denial in Enum.GetValues<Denial>())
                {
                    // RSASHA256, ECDSAP256SHA256, ED25519.
                    foreach (int algorithm in (int[])[8, 13, 15])
                    {
                        all.Add(signer, denial, algorithm);
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Zones))]
    public async Task Validators_believe_every_answer(Signer signer, Denial denial, int algorithm)
    {
        await using SignedHost host = await SignedHost.StartAsync(signer, denial, algorithm);
        await UnboundBelievesAsync(host, denial);
        await DelvBelievesAsync(host, denial);
        Assert.All(await host.CheckAsync(host.ZoneFile), c => c.Succeeded());
        Assert.All(await host.CheckAsync(await host.TransferAsync()), c => c.Succeeded());
    }

    [Theory]
    [InlineData(Signer.Bind, Denial.Nsec)]
    [InlineData(Signer.Knot, Denial.Nsec3)]
    public async Task Spoilt_signatures_are_noticed(Signer signer, Denial denial)
    {
        await using SignedHost host = await SignedHost.StartAsync(
            signer, denial, 13, file => Spoiler.Spoil(Spoiler.Spoil(file, "mail.signed.example.", "A"), "signed.example.", "SOA"));
        string[] questions = ["mail.signed.example A", "missing.signed.example A", "mail.signed.example AAAA", "web.signed.example A"];
        IReadOnlyList<DigReply> replies = await host.AskAsync(questions);
        Assert.Equal(["SERVFAIL", "SERVFAIL", "NOERROR", "NOERROR"], replies.Select(r => r.Code));
        Assert.Equal([false, false, true, true], replies.Select(r => r.Flags.Contains("ad")));

        // The records themselves are there, for those who do not check.
        replies = await host.AskAsync(questions, "+cd");
        Assert.Equal(["NOERROR", "NXDOMAIN", "NOERROR", "NOERROR"], replies.Select(r => r.Code));
        Assert.Contains("A 192.0.2.25", replies[0].AnswerData);

        Assert.DoesNotContain("fully validated", await host.DelvAsync("mail.signed.example", "A"), StringComparison.Ordinal);
        Assert.Contains("fully validated", await host.DelvAsync("web.signed.example", "A"), StringComparison.Ordinal);
        Assert.All(await host.CheckAsync(host.ZoneFile), c => Assert.True(c.ExitCode != 0, c.ToString()));
    }

    [Theory]
    [InlineData(Denial.Nsec)]
    [InlineData(Denial.Nsec3)]
    public async Task Signatures_come_with_every_section_when_asked_for(Denial denial)
    {
        await using SignedHost host = await SignedHost.StartAsync(Signer.Knot, denial, 13);
        string mx = (await host.AskServerAsync("+dnssec", "signed.example", "MX")).Text;
        string srv = (await host.AskServerAsync("+dnssec", "_sip._tcp.signed.example", "SRV")).Text;
        string referral = (await host.AskServerAsync("+dnssec", "www.secure.signed.example", "A")).Text;
        string insecure = (await host.AskServerAsync("+dnssec", "www.insecure.signed.example", "A")).Text;
        string ds = (await host.AskServerAsync("+dnssec", "signed.example", "DS")).Text;
        string proof = denial == Denial.Nsec ? "NSEC" : "NSEC3";
        foreach ((string text, string pattern) in ((string, string)[])
        [
            (mx, @"^signed\.example\..*RRSIG\s+MX "),
            (mx, @"^mail\.signed\.example\..*RRSIG\s+A "),
            (mx, @"^mail\.signed\.example\..*RRSIG\s+AAAA "),
            (srv, @"^sip\.signed\.example\..*RRSIG\s+A "),
            (referral, @"^secure\.signed\.example\..*RRSIG\s+DS "),
            (referral, @"^ns\.secure\.signed\.example\..*\sA\s+127\.0\.0\.3"),
            (insecure, $@"\s{proof}\s"),
            (insecure, $@"RRSIG\s+{proof} "),
            (insecure, @"^ns\.insecure\.signed\.example\..*\sA\s+127\.0\.0\.3"),
            (ds, $@"RRSIG\s+{proof} "),
            (ds, @"RRSIG\s+SOA "),
        ])
        {
            Assert.Matches(new Regex(pattern, RegexOptions.Multiline), text);
        }

        // RFC 4035, section 3.1.4: neither the NS records of a delegation nor its glue are signed.
        Assert.DoesNotMatch(@"RRSIG\s+(NS|A) ", referral + insecure);
        foreach (string name in (string[])["signed.example", "missing.signed.example", "any.wild.signed.example", "www.secure.signed.example"])
        {
            Assert.DoesNotMatch(@"\s(RRSIG|NSEC|NSEC3|DS)\s", (await host.AskServerAsync("+nodnssec", name, "MX")).Text);
        }
    }

    internal static async Task UnboundBelievesAsync(SignedHost host, Denial denial, IReadOnlyList<Question>? questions = null)
    {
        questions ??= Questions.All;
        IReadOnlyList<DigReply> replies = await host.AskAsync(questions.Select(q => q.Text));
        Assert.Equal(questions.Count, replies.Count);
        string[] wrong = [.. questions.Zip(replies, (q, r) => Complaint(q, r, denial)).Where(c => c != "")];
        Assert.True(wrong.Length == 0, string.Join('\n', [.. wrong, host.Transcript]));
    }

    // What the server sends, checked without a resolver between. Of a denial, delv tells whether its records are validated, opted out
    // or not; of a wildcard's answer, whether nothing else can be there.
    internal static async Task DelvBelievesAsync(SignedHost host, Denial denial)
    {
        const string Yes = "; fully validated";
        const string No = "; negative response, fully validated";
        string wild = denial == Denial.OptOut ? "; unsigned answer" : Yes;
        (string Name, string Type, string Verdict)[] questions =
        [
            ("signed.example", "SOA", Yes),
            ("signed.example", "DNSKEY", Yes),
            ("big.signed.example", "TXT", Yes),
            ("www.signed.example", "A", Yes),
            ("any.wild.signed.example", "MX", wild),
            ("www.old.signed.example", "A", Yes),
            ("www.here.signed.example", "A", Yes),
            ("secure.signed.example", "DS", Yes),
            ("www.plain.signed.example", "A", "; unsigned answer"),
            ("web.signed.example", "AAAA", No),
            ("ent.signed.example", "A", No),
            ("any.wild.signed.example", "TXT", No),
            ("missing.signed.example", "A", No),
            ("plain.signed.example", "DS", No),
            ("far.deep.signed.example", "DS", No),
        ];
        List<string> wrong = [];
        foreach ((string name, string type, string verdict) in questions)
        {
            string said = await host.DelvAsync(name, type);
            if (!said.Split('\n').Contains(verdict))
            {
                wrong.Add($"{name} {type}: wanted '{verdict}'\n{said}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // What is wrong with a reply; empty if nothing is.
    private static string Complaint(Question question, DigReply reply, Denial denial)
    {
        bool isSecure = question.Trust == Trust.Secure || (question.Trust == Trust.SecureUnlessOptOut && denial != Denial.OptOut);
        string[] answer = [.. reply.AnswerData.Where(a => !a.StartsWith("RRSIG ", StringComparison.Ordinal))];
        bool isExpected = reply.Code == question.Code && reply.Flags.Contains("ad") == isSecure && answer.Length == question.Answer.Length &&
            question.Answer.All(e => answer.Any(a => Fits(a, e)));
        return isExpected ? "" : $"{question.Text}: wanted {question.Code}, {(isSecure ? "AD" : "no AD")}, [{string.Join("; ", question.Answer)}]\n{reply}";
    }

    private static bool Fits(string actual, string expected) =>
        Regex.IsMatch(actual, "^" + Regex.Escape(expected).Replace(@"\*", ".*", StringComparison.Ordinal) + "$");
}
