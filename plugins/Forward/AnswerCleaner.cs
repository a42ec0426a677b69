using MiniDns.Client.Scrubbing;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>Takes out of upstreams' answers what nobody asked for, and private addresses where they are not expected.</summary>
internal sealed class AnswerCleaner
{
    // RFC 8914 §4.18.
    private const ushort Filtered = 17;

    private readonly DnsName _zone;
    private readonly bool _refusesPrivate;
    private readonly IReadOnlyList<DnsName> _privateZones;
    private readonly StripedCounter _scrubbed;
    private readonly StripedCounter _rebinds;

    public AnswerCleaner(ForwardOptions options, MetricRegistry metrics)
    {
        _zone = options.From.Count == 1 ? options.From[0] : DnsName.Root;
        _refusesPrivate = options.RebindProtection;
        _privateZones = options.RebindAllowed;
        _scrubbed = metrics.Counter("minidns_forward_scrubbed_records_total", "Records of upstreams' answers that nobody had asked for, and that were left out.");
        _rebinds = metrics.Counter("minidns_forward_rebinds_total", "Answers with private addresses for public names, which were emptied.");
    }

    /// <summary>Cleans the response, which holds an upstream's answer.</summary>
    /// <param name="query">The query; its response is in wire form or in the form of records.</param>
    /// <param name="message">The answer, well-formed.</param>
    /// <returns>False when the answer cannot be used.</returns>
    public bool TryClean(DnsQuery query, ReadOnlySpan<byte> message)
    {
        DnsHeader.TryRead(message, out DnsHeader header);
        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;

        // Every record has eleven octets or more: in a well-formed message this is at most some six thousand bits.
        Span<ulong> drop = stackalloc ulong[(Math.Min(records, message.Length / 11) + 64) >> 6];
        int count = records > message.Length / 11 ? -1 : AnswerScrub.Find(message, _zone.View, query.RenamesAnswer, drop);
        if (count < 0 || (count > 0 && !TryDrop(query.Response, drop, count)))
        {
            return false;
        }

        if (_refusesPrivate && PrivateAddresses.AreIn(message) && !IsPrivateZone(query.LowerName))
        {
            _rebinds.Increment();
            DnsResponseFlags flags = query.Response.Flags & DnsResponseFlags.RecursionAvailable;
            query.Response.SetEmpty(DnsResponseCode.NoError);
            query.Response.Flags = flags;
            query.Response.AddExtendedError(Filtered, "private address for a public name"u8);
        }

        return true;
    }

    private bool TryDrop(DnsResponse response, ReadOnlySpan<ulong> drop, int count)
    {
        if (!response.TryMaterialize())
        {
            return false;
        }

        _scrubbed.Add(count);
        for (int i = response.Entries.Length - 1; i >= 0; i--)
        {
            if (AnswerScrub.IsMarked(drop, i))
            {
                response.RemoveAt(i);
            }
        }

        return true;
    }

    private bool IsPrivateZone(DnsNameView name)
    {
        for (int i = 0; i < _privateZones.Count; i++)
        {
            if (name.IsSubdomainOf(_privateZones[i].View))
            {
                return true;
            }
        }

        return false;
    }
}
