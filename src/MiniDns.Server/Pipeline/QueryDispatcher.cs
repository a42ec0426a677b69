using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Diagnostics;

namespace MiniDns.Server.Pipeline;

/// <summary>Takes a message from its octets to its reply, whatever the transport.</summary>
internal sealed class QueryDispatcher(DnsServices services)
{
    private static readonly DnsFailure HandlerThrew = new(DnsResponseCode.ServerFailure, "a handler threw an exception");
    private static readonly DnsFailure NobodyClaimed = new(DnsResponseCode.ServerFailure, "no next plugin found");

    private readonly ILogger _log = services.Loggers.CreateLogger("server");
    private readonly StripedCounter _panics = services.Metrics.Counter("coredns_panics_total", "Exceptions that handlers let escape.");

    /// <summary>Logs where an exception came from too (<c>errors { stacktrace }</c>, <c>debug</c>).</summary>
    public bool LogStackTraces { get; set; }

    /// <summary>Sees the messages that no block takes.</summary>
    public IStrayObserver? StrayObserver { get; set; }

    /// <summary>Counts queries that were given up because they had waited longest when too many did.</summary>
    public StripedCounter DroppedOldest { get; } = DropCounter(services, "oldest");

    /// <summary>Counts queries that were given up because their client had more than its share of those that waited.</summary>
    public StripedCounter DroppedOverShare { get; } = DropCounter(services, "share");

    /// <summary>Counts queries that were not taken in because too many were waiting.</summary>
    public StripedCounter DroppedFull { get; } = DropCounter(services, "full");

    /// <summary>Counts replies that the system would not send.</summary>
    public StripedCounter Unsent { get; } = services.Metrics.Counter(
        "minidns_send_failures_total", "UDP replies that could not be sent.");

    /// <summary>Counts the messages that came in, on every transport.</summary>
    public StripedCounter Received { get; } = services.Metrics.Counter(
        "minidns_received_messages_total", "Messages received, whatever became of them.");

    /// <summary>Counts what was received and neither is a query nor gets an answer.</summary>
    public StripedCounter Ignored { get; } = services.Metrics.Counter(
        "minidns_ignored_messages_total", "Messages that got no answer because they are no queries.");

    /// <summary>Starts on a message that lies in the query's receive buffer. Never throws.</summary>
    /// <param name="query">The query; its client, origin and time of arrival are set by the transport.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <param name="transport">How it came.</param>
    /// <param name="routes">The endpoint's routes.</param>
    public ValueTask<DnsOutcome> DispatchAsync(DnsQuery query, int length, DnsTransport transport, RoutingTable routes)
    {
        try
        {
            QueryVerdict verdict = query.Begin(length, transport);
            query.Endpoint = routes.Endpoint;
            if (query.Edns.CookieOffset > 0 && query.Edns.HasRightCookieLength)
            {
                query.Cookies = services.Cookies;
            }

            return verdict is QueryVerdict.Accept or QueryVerdict.Notification ? RunAsync(query, routes) : new ValueTask<DnsOutcome>(Reject(query, verdict));
        }
        catch (Exception e)
        {
            return new ValueTask<DnsOutcome>(HandlerFailed(query, e));
        }
    }

    /// <summary>Runs an accepted query through the block that its name leads to. Never throws.</summary>
    public ValueTask<DnsOutcome> RouteAsync(DnsQuery query, RoutingTable routes)
    {
        try
        {
            return RunAsync(query, routes);
        }
        catch (Exception e)
        {
            return new ValueTask<DnsOutcome>(HandlerFailed(query, e));
        }
    }

    /// <summary>Turns an outcome into the reply's octets in the query's send buffer. Never throws.</summary>
    /// <returns>The reply's length in octets; 0 for no reply.</returns>
    public int Finish(DnsQuery query, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Dropped)
        {
            query.NoteFinished(0);
            return 0;
        }

        if (outcome == DnsOutcome.Unclaimed)
        {
            query.Fail(NobodyClaimed);
        }

        try
        {
            int length = query.QuestionEnd > DnsHeader.Size ? ResponseEncoder.Encode(query) : ResponseEncoder.EncodeHeader(query, query.Response.Code);
            query.NoteFinished(length);
            return length;
        }
        catch (Exception e)
        {
            HandlerFailed(query, e);
            return ResponseEncoder.Encode(query);
        }
    }

    /// <summary>One log line, one count, SERVFAIL: what an exception of a handler costs.</summary>
    public DnsOutcome HandlerFailed(DnsQuery query, Exception exception)
    {
        _panics.Increment();
        ServerLog.HandlerThrew(_log, PluginOf(exception), LogStackTraces ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}");
        return query.Fail(HandlerThrew);
    }

    private static StripedCounter DropCounter(DnsServices services, string reason) => services.Metrics.Counter(
        "minidns_overload_drops_total", "Queries dropped because too many were waiting.", ("reason", reason));

    private ValueTask<DnsOutcome> RunAsync(DnsQuery query, RoutingTable routes) =>
        routes.Match(query) is not { } block ? new ValueTask<DnsOutcome>(Stray(query).Refuse())
            : query.Header.Opcode == DnsOpcode.Notify ? block.NotifyAsync(query) : block.HandleAsync(query);

    private DnsOutcome Reject(DnsQuery query, QueryVerdict verdict)
    {
        Stray(query);
        switch (verdict)
        {
            case QueryVerdict.FormatError:
                return query.Reply(DnsResponseCode.FormatError);
            case QueryVerdict.NotImplemented:
                return query.Reply(DnsResponseCode.NotImplemented);
            case QueryVerdict.BadVersion:
                return query.Reply(DnsResponseCode.BadVersion);
            default:
                Ignored.Increment();
                return DnsOutcome.Dropped;
        }
    }

    /// <summary>Shows a query that no block takes to who wants to see it.</summary>
    private DnsQuery Stray(DnsQuery query)
    {
        if (StrayObserver is { } observer)
        {
            query.Observe(observer);
        }

        return query;
    }

    /// <summary>The plugin whose code threw, by the namespace of the innermost frame that belongs to one.</summary>
    private static string PluginOf(Exception exception)
    {
        const string Prefix = "MiniDns.Plugins.";
        foreach (StackFrame frame in new StackTrace(exception).GetFrames())
        {
            string? space = DiagnosticMethodInfo.Create(frame)?.DeclaringTypeName;
            if (space is not null && space.StartsWith(Prefix, StringComparison.Ordinal) && space.IndexOf('.', Prefix.Length) is > 0 and int end)
            {
                return space[Prefix.Length..end];
            }
        }

        return "server";
    }
}
