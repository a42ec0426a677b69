using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Expressions;

/// <summary>An expression in the language of expr (expr-lang.org), as <c>view</c> and <c>template</c> use it: read and checked once, evaluated for each query.</summary>
public sealed class Expression
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 8192;

    private readonly ExpressionNode _root;

    private Expression(string source, ExpressionNode root, IReadOnlyList<(string Function, string Literal)> literals)
    {
        Source = source;
        _root = root;
        Literals = literals;
    }

    /// <summary>The expression as it was written.</summary>
    public string Source { get; }

    /// <summary>What its value will be.</summary>
    public ExpressionType Type => _root.Type;

    /// <summary>The texts that functions which take literals are called with.</summary>
    public IReadOnlyList<(string Function, string Literal)> Literals { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="source">The expression.</param>
    /// <param name="environment">The names it may use.</param>
    /// <param name="expression">The expression, ready to be evaluated.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryParse(string source, ExpressionEnvironment environment, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out ExpressionProblem? problem)
    {
        expression = null;
        if (source.Length > MaxLength)
        {
            problem = new ExpressionProblem(0, $"an expression must not be longer than {MaxLength} characters");
            return false;
        }

        var parser = new ExpressionParser(source, environment);
        if (parser.Parse() is not { } root)
        {
            problem = parser.Problem ?? new ExpressionProblem(0, "an expression is expected");
            return false;
        }

        expression = new Expression(source, root, parser.Literals);
        problem = null;
        return true;
    }

    /// <summary>Evaluates the expression.</summary>
    /// <param name="context">What with.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when something went wrong: <see cref="ExpressionContext.Problem"/>.</returns>
    public bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
    {
        context.Begin();
        return _root.TryEvaluate(context, out value);
    }
}
