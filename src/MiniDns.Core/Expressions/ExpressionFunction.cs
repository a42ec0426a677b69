using System.Runtime.CompilerServices;

namespace MiniDns.Expressions;

/// <summary>Does a function's work.</summary>
/// <returns>False when something went wrong, which the context was told.</returns>
public delegate bool ExpressionWork(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value);

/// <summary>Makes the part of an expression that stands for a call.</summary>
/// <returns>The part; null when the arguments are wrong.</returns>
internal delegate ExpressionNode? ExpressionCallMaker(ExpressionNode[] arguments, out string? error);

/// <summary>A function that expressions can call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">What it takes, <see cref="MaxParameters"/> values at most.</param>
/// <param name="Result">What it gives.</param>
/// <param name="Invoke">Does its work; arguments are of the types asked for.</param>
public sealed record ExpressionFunction(string Name, IReadOnlyList<ExpressionType> Parameters, ExpressionType Result, ExpressionWork Invoke)
{
    /// <summary>The most values that a function takes.</summary>
    public const int MaxParameters = 3;

    /// <summary>How many of the last parameters may be left out.</summary>
    public int Optional { get; init; }

    /// <summary>Makes the calls of a function that looks at how its arguments are written.</summary>
    internal ExpressionCallMaker? Make { get; init; }

    /// <summary>The arguments of a call.</summary>
    [InlineArray(MaxParameters)]
    internal struct Arguments
    {
        private ExpressionValue _first;
    }
}
