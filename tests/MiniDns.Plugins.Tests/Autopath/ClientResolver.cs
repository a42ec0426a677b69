using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Autopath;

/// <summary>How a program's resolver walks along its search path: getaddrinfo() of a C library, with ndots 5.</summary>
/// <param name="server">Whom it asks.</param>
/// <param name="search">The search path.</param>
/// <param name="isMusl">True for musl, which goes on only after a name that does not exist; false for glibc, which goes on after a name without the
/// wanted data and after SERVFAIL too.</param>
/// <param name="families">The types it asks for each name, in parallel.</param>
internal sealed class ClientResolver(PluginHarness server, string[] search, bool isMusl, params DnsRecordType[] families)
{
    private const int Ndots = 5;

    private enum Verdict
    {
        Found,
        NoName,
        NoData,
        Again,
    }

    /// <summary>The questions asked.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Resolves a name.</summary>
    /// <returns>The addresses and the name that has them; or that there is none, or that it is to be tried again.</returns>
    public string Resolve(string name)
    {
        bool isAbsolute = name.EndsWith('.');
        string whole = isAbsolute ? name : name + ".";
        int dots = whole.Count(c => c == '.') - 1;
        List<string> candidates = [.. isAbsolute ? [] : search.Select(s => whole + s)];
        candidates.Insert(isAbsolute || dots >= Ndots ? 0 : candidates.Count, whole);
        bool isFailed = false;
        bool isEmpty = false;
        foreach (string candidate in candidates)
        {
            (Verdict verdict, string found) = Ask(candidate);
            switch (verdict)
            {
                case Verdict.Found:
                    return found;
                case Verdict.NoData when isMusl:
                    return "no data";
                case Verdict.Again when isMusl:
                    return "again";
                case Verdict.NoData:
                    isEmpty = true;
                    break;
                case Verdict.Again:
                    isFailed = true;
                    break;
                default:
                    break;
            }
        }

        // glibc tells NODATA and NXDOMAIN apart, but getaddrinfo's callers hardly do: neither is an address
        return isFailed ? "again" : isEmpty && isMusl ? "no data" : "none";
    }

    private (Verdict Verdict, string Found) Ask(string name)
    {
        List<string> addresses = [];
        List<DnsResponseCode> codes = [];
        bool hasAnswer = false;
        string last = name;
        foreach (DnsRecordType family in families)
        {
            Asked.Add($"{name} {family}");
            ReadOnlyMemory<byte> reply = server.Chain.Ask(name, family);
            DnsResponseCode code = server.Chain.Outcome == MiniDns.Queries.DnsOutcome.Replied ? new ParsedMessage(reply.Span).Code : DnsResponseCode.ServerFailure;
            codes.Add(code);
            if (code != DnsResponseCode.NoError)
            {
                continue;
            }

            var message = new ParsedMessage(reply.Span);
            hasAnswer |= message.In(DnsSection.Answer).Any();
            addresses.AddRange(message.In(DnsSection.Answer).Where(r => r.Type == family).Select(r => $"{r.Owner} {r.Rdata}"));
        }

        addresses.Sort(StringComparer.Ordinal);
        if (isMusl)
        {
            return addresses.Count > 0 ? (Verdict.Found, string.Join(' ', addresses))
                : codes[0] == DnsResponseCode.NoError ? (Verdict.NoData, last)
                : codes[0] == DnsResponseCode.NameError ? (Verdict.NoName, last) : (Verdict.Again, last);
        }

        return hasAnswer ? (Verdict.Found, addresses.Count > 0 ? string.Join(' ', addresses) : "none")
            : codes.Contains(DnsResponseCode.NoError) ? (Verdict.NoData, last)
            : codes[0] == DnsResponseCode.NameError ? (Verdict.NoName, last) : (Verdict.Again, last);
    }
}
