using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>Counts queries and responses by client network, and holds back what is too much.</summary>
internal sealed class RatelimitHandler : WrappingHandler
{
    private readonly ClientNetwork[] _exempt;
    private readonly RateRule?[] _rules;
    private readonly RateRule? _all;
    private readonly RateRule? _queries;
    private readonly RatelimitState _state;
    private readonly RateTable _table;
    private readonly RatelimitMetrics _metrics;
    private readonly CookieJar _cookies;
    private readonly int _ipv4;
    private readonly int _ipv6;
    private readonly int _slip;
    private readonly bool _requiresCookies;
    private readonly bool _limitsResponses;
    private readonly bool _logOnly;

    /// <summary>Makes a handler.</summary>
    public RatelimitHandler(RatelimitOptions options, RatelimitState state, RatelimitMetrics metrics, CookieJar cookies, IDnsHandler next)
        : base(next)
    {
        _exempt = [.. options.Exempt];
        _rules = options.Rules();
        _all = _rules[(int)ResponseClass.All];
        _queries = _rules[(int)ResponseClass.Queries];
        _limitsResponses = _rules.AsSpan(0, (int)ResponseClass.Queries).ContainsAnyExcept((RateRule?)null);
        _state = state;
        _table = state.Table;
        _metrics = metrics;
        _cookies = cookies;
        _ipv4 = options.IPv4Prefix;
        _ipv6 = options.IPv6Prefix;
        _slip = options.Slip;
        _requiresCookies = options.CookiesRequired;
        _logOnly = options.LogOnly;
    }

    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        if ((_queries is null && query.Edns.CookieOffset == 0) || query.Transport == DnsTransport.Internal)
        {
            return null;
        }

        CookieVerdict cookie = _cookies.Check(query);
        Count(cookie);
        if (ClientNetwork.AnyContains(_exempt, query.Client))
        {
            return null;
        }

        bool isProved = query.Transport != DnsTransport.Udp || cookie == CookieVerdict.Good;
        DnsOutcome? held = _queries is null ? null : LimitQuery(query, _queries, isProved);
        if (held is null && _requiresCookies && !isProved && cookie != CookieVerdict.None)
        {
            return query.Reply(DnsResponseCode.BadCookie);
        }

        return held;
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        if (query.Transport != DnsTransport.Udp
            || outcome == DnsOutcome.Dropped
            || !_limitsResponses
            || ClientNetwork.AnyContains(_exempt, query.Client)
            || (query.Edns.CookieOffset > 0 && _cookies.Check(query) == CookieVerdict.Good))
        {
            return outcome;
        }

        ClientPrefix client = ClientPrefix.Of(query.Client, _ipv4, _ipv6);
        long now = _table.TimeOf(query.ReceivedAt);
        ResponseClass kind = ResponseClassifier.Classify(query, outcome, out ulong name);
        if (_rules[(int)kind] is { } rule && !_table.TryTake(_table.KeyOf(client, kind, name), rule, now, out int strike))
        {
            return HoldBack(query, outcome, client, kind, strike, kind == ResponseClass.Errors);
        }

        if (_all is not null && !_table.TryTake(_table.KeyOf(client, ResponseClass.All, 0), _all, now, out strike))
        {
            return HoldBack(query, outcome, client, ResponseClass.All, strike, kind == ResponseClass.Errors);
        }

        return outcome;
    }

    /// <summary>Looks at the client's share of queries. Forged addresses have one of their own: they cannot use up that of those who
    /// have proved theirs.</summary>
    private DnsOutcome? LimitQuery(DnsQuery query, RateRule rule, bool isProved)
    {
        ClientPrefix client = ClientPrefix.Of(query.Client, _ipv4, _ipv6);
        ResponseClass kind = isProved ? ResponseClass.ProvedQueries : ResponseClass.Queries;
        if (_table.TryTake(_table.KeyOf(client, kind, 0), rule, _table.TimeOf(query.ReceivedAt), out int strike))
        {
            return null;
        }

        if (_logOnly || !isProved)
        {
            DnsOutcome outcome = HoldBack(query, DnsOutcome.Replied, client, kind, strike, isError: false);
            return _logOnly ? null : outcome;
        }

        _state.Hitters.Note(client);
        _metrics.Refused[(int)kind].Increment();
        query.Response.AddExtendedError((ushort)EdnsErrorCode.Prohibited, "too many queries"u8);
        return query.Refuse();
    }

    /// <summary>Drops a response, or once in a while sends an empty one that tells a real client to come over TCP. Errors, which
    /// nobody asks again for, are then sent as they are.</summary>
    private DnsOutcome HoldBack(DnsQuery query, DnsOutcome outcome, ClientPrefix client, ResponseClass kind, int strike, bool isError)
    {
        _state.Hitters.Note(client);
        bool slips = _slip > 0 && strike % _slip == 0;
        if (_logOnly || (slips && isError))
        {
            _metrics.Passed[(int)kind].Increment();
            return outcome;
        }

        if (!slips)
        {
            _metrics.Dropped[(int)kind].Increment();
            return DnsOutcome.Dropped;
        }

        _metrics.Truncated[(int)kind].Increment();
        query.Response.SetEmpty(DnsResponseCode.NoError);
        query.Response.Flags = DnsResponseFlags.Truncated;
        return DnsOutcome.Replied;
    }

    private void Count(CookieVerdict cookie)
    {
        switch (cookie)
        {
            case CookieVerdict.Good:
                _metrics.GoodCookies.Increment();
                break;
            case CookieVerdict.Bad:
                _metrics.BadCookies.Increment();
                break;
            case CookieVerdict.ClientOnly:
                _metrics.HalfCookies.Increment();
                break;
            default:
                break;
        }
    }
}
