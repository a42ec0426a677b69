using MiniDns.Queries;

namespace MiniDns.Expressions;

/// <summary>What an expression is evaluated with: the query, the values of variables, and what other functions need in derived classes.
/// Used again and again, by one thread at a time.</summary>
public class ExpressionContext
{
    /// <summary>The most steps of an evaluation.</summary>
    public const int MaxSteps = 20_000;

    private readonly ExpressionValue[] _variables = new ExpressionValue[2 * ExpressionEnvironment.MaxVariables];
    private int _steps;

    /// <summary>The query; null while a configuration is read.</summary>
    public DnsQuery? Query { get; set; }

    /// <summary>What went wrong, if something did.</summary>
    public string? Problem { get; private set; }

    /// <summary>The value of a variable, by its place.</summary>
    public ref ExpressionValue this[int variable] => ref _variables[variable];

    /// <summary>The value of a label of metadata; empty when there is none.</summary>
    public virtual string Metadata(string label) => "";

    /// <summary>Starts an evaluation; variables stay.</summary>
    public void Begin()
    {
        _steps = 0;
        Problem = null;
    }

    /// <summary>Forgets the query and the variables.</summary>
    public virtual void End()
    {
        Query = null;
        Array.Clear(_variables);
    }

    /// <summary>Notes what went wrong.</summary>
    /// <returns>False.</returns>
    public bool Fail(string message)
    {
        Problem ??= message;
        return false;
    }

    /// <summary>Counts a step.</summary>
    /// <returns>False when there were too many.</returns>
    internal bool Step() => ++_steps <= MaxSteps || Fail("the expression does not come to an end: it took more steps than it may");
}
