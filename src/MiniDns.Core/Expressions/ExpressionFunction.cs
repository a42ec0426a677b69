namespace MiniDns.Expressions;

/// <summary>Does a function's work.</summary>
/// <returns>False when something went wrong, which the context was told.</returns>
public delegate bool ExpressionWork(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value);

/// <summary>A function that expressions can call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="Result">What it gives.</param>
/// <param name="Invoke">Does its work; arguments are of the types asked for.</param>
public sealed record ExpressionFunction(string Name, IReadOnlyList<ExpressionType> Parameters, ExpressionType Result, ExpressionWork Invoke)
{
    /// <summary>How many of the last parameters may be left out.</summary>
    public int Optional { get; init; }

    /// <summary>True when the arguments have to be literals, which <see cref="Expression.Literals"/> tells: a configuration prepares for them.</summary>
    public bool TakesLiterals { get; init; }
}
