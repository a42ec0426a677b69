using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Erratic;

/// <summary>Answers every query with the same address, unless it drops it, cuts the reply, or takes its time.</summary>
internal sealed class ErraticHandler(ErraticOptions options, TimeProvider time) : IDnsHandler, IReadinessProbe
{
    private const int LargeCount = 30;

    private long _queries;

    /// <summary>192.0.2.53 (RFC 5737).</summary>
    private static ReadOnlySpan<byte> Address => [192, 0, 2, 53];

    /// <summary>2001:db8::53 (RFC 3849).</summary>
    private static ReadOnlySpan<byte> AddressV6 => [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53];

    /// <inheritdoc/>
    public string Name => "erratic";

    /// <summary>Ready after three queries and no more after five: something to test those that watch.</summary>
    public bool IsReady => Interlocked.Read(ref _queries) is >= 3 and < 5;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        long number = Interlocked.Increment(ref _queries) - 1;
        if (IsDue(number, options.Drop))
        {
            return new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
        }

        return IsDue(number, options.Delay) && options.DelayBy > TimeSpan.Zero
            ? AnswerLateAsync(query, number)
            : new ValueTask<DnsOutcome>(Answer(query, number));
    }

    private static bool IsDue(long number, int amount) => amount > 0 && number % amount == 0;

    private async ValueTask<DnsOutcome> AnswerLateAsync(DnsQuery query, long number)
    {
        await Task.Delay(options.DelayBy, time).ConfigureAwait(false);
        return Answer(query, number);
    }

    private DnsOutcome Answer(DnsQuery query, long number)
    {
        bool isCut = IsDue(number, options.Truncate);
        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);
        switch (query.Type)
        {
            case DnsRecordType.A:
                for (int i = 0; i < (options.Large ? LargeCount : 1); i++)
                {
                    response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, query.Class, 0, Address);
                }

                break;
            case DnsRecordType.AAAA:
                response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.AAAA, query.Class, 0, AddressV6);
                break;
            case DnsRecordType.AXFR:
                if (!ErraticZone.TryAdd(response, query.LowerName, isComplete: !isCut))
                {
                    return query.Refuse();
                }

                break;
            default:
                return query.Reply(DnsResponseCode.ServerFailure);
        }

        response.Flags = DnsResponseFlags.Authoritative | (isCut && query.Type != DnsRecordType.AXFR ? DnsResponseFlags.Truncated : DnsResponseFlags.None);
        return DnsOutcome.Replied;
    }
}
