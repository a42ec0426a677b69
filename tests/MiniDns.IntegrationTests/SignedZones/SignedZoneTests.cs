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
    public async Task A_validating_resolver_believes_every_answer(Signer signer, Denial denial, int algorithm)
    {
        await using SignedHost host = await SignedHost.StartAsync(signer, denial, algorithm);
        IReadOnlyList<DigReply> replies = await host.AskAsync(Questions.All.Select(q => q.Text));
        Assert.Equal(Questions.All.Count, replies.Count);
        string[] wrong = [.. Questions.All.Zip(replies, (q, r) => Complaint(q, r, denial)).Where(c => c != "")];
        Assert.True(wrong.Length == 0, string.Join('\n', [.. wrong, host.Transcript]));

        await host.VerifyAsync(host.ZoneFile);
        await host.VerifyAsync(await host.TransferAsync());
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
