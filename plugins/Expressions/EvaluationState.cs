using MiniDns.Queries;

namespace MiniDns.Plugins.Expressions;

/// <summary>One evaluation: the query, memory for texts that come into being, and whether something went wrong. Reused by its thread.</summary>
internal sealed class EvaluationState
{
    /// <summary>How many characters of text one evaluation can make.</summary>
    public const int TextLimit = 8192;

    private readonly char[] _memory = new char[TextLimit];
    private DnsQuery? _query;
    private int _used;

    /// <summary>The query.</summary>
    public DnsQuery Query => _query!;

    /// <summary>True when the expression has no value: a remainder of a division by zero, an address that is none, too much text.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The element that a predicate is asked about.</summary>
    public int Element { get; set; }

    /// <summary>Memory for a text whose length is not known yet; <see cref="Take"/> then takes its beginning.</summary>
    public Span<char> Free => _memory.AsSpan(_used);

    /// <summary>Starts an evaluation.</summary>
    public void Begin(DnsQuery query)
    {
        _query = query;
        _used = 0;
        HasFailed = false;
        Element = 0;
    }

    /// <summary>Ends it.</summary>
    public void End() => _query = null;

    /// <summary>Notes that the expression has no value.</summary>
    public void Fail() => HasFailed = true;

    /// <summary>Takes memory for a text.</summary>
    /// <returns>Memory of that length; empty, after <see cref="Fail"/>, when there is not so much.</returns>
    public Span<char> Take(int length)
    {
        if (length > TextLimit - _used)
        {
            Fail();
            return default;
        }

        Span<char> taken = _memory.AsSpan(_used, length);
        _used += length;
        return taken;
    }
}
