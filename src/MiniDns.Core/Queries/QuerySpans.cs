namespace MiniDns.Queries;

/// <summary>Takes down which part of the work on one traced query took how long: spans, each inside another. For any thread.</summary>
/// <remarks>It may be told of things after the query has ended, by what goes on in the background; that is passed over.</remarks>
public abstract class QuerySpans
{
    /// <summary>The number of no span.</summary>
    public const int None = -1;

    /// <summary>What the whole trace is known by, 32 hexadecimal digits.</summary>
    public abstract string TraceId { get; }

    /// <summary>Begins a span.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="parent">The span that it is part of (<see cref="DnsQuery.Span"/>).</param>
    /// <param name="isClient">True when another server is asked.</param>
    /// <returns>The span's number; <see cref="None"/> when there are too many.</returns>
    public abstract int Begin(string name, int parent, bool isClient = false);

    /// <summary>Notes something about a span.</summary>
    public abstract void Tag(int span, string name, string value);

    /// <summary>Ends a span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="error">What went wrong; null when nothing did.</param>
    public abstract void End(int span, string? error = null);
}
