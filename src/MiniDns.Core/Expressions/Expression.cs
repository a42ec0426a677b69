using System.Diagnostics.CodeAnalysis;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Queries;

namespace MiniDns.Expressions;

/// <summary>An expression in the language of expr (expr-lang.org), as <c>view</c> and <c>template</c> use it: read and checked once, evaluated for each query.</summary>
public sealed class Expression
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 8192;

    [ThreadStatic]
    private static ExpressionContext? t_context;

    private readonly ExpressionNode _root;

    private Expression(string source, ExpressionNode root, IReadOnlyList<MetadataLabel> labels)
    {
        Source = source;
        _root = root;
        Labels = labels;
    }

    /// <summary>The expression as it was written.</summary>
    public string Source { get; }

    /// <summary>What its value will be.</summary>
    public ExpressionType Type => _root.Type;

    /// <summary>False when its value is never true or false.</summary>
    public bool IsCondition => Type is ExpressionType.Bool or ExpressionType.Any;

    /// <summary>The labels of metadata that it asks for; to be bound when the block is wired.</summary>
    public IReadOnlyList<MetadataLabel> Labels { get; }

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

        expression = new Expression(source, root, parser.Labels);
        problem = null;
        return true;
    }

    /// <summary>Reads the rest of a directive's line as an expression: its words with a space between them.</summary>
    /// <returns>The expression; null after an error, which the reader was told with its place.</returns>
    public static Expression? Read(DirectiveReader line, ExpressionEnvironment environment)
    {
        IReadOnlyList<CorefileToken> words = line.Rest();
        if (words.Count == 0)
        {
            line.Error("an expression is expected, such as incidr(client_ip(), '10.0.0.0/8')");
            return null;
        }

        if (TryParse(string.Join(' ', words.Select(w => w.Text)), environment, out Expression? expression, out ExpressionProblem? problem))
        {
            return expression;
        }

        int offset = problem.Offset;
        int word = 0;
        while (word < words.Count - 1 && offset > words[word].Text.Length)
        {
            offset -= words[word++].Text.Length + 1;
        }

        line.Error(words[word].PlaceOf(offset), problem.Message);
        return null;
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

    /// <summary>True when the expression is true of a query. One without a value, such as a division by zero, is not. Makes no object.</summary>
    public bool IsTrueOf(DnsQuery query)
    {
        ExpressionContext context = t_context ??= new ExpressionContext { WantsProblems = false };
        context.Query = query;
        bool isTrue = TryEvaluate(context, out ExpressionValue value) && value.Type == ExpressionType.Bool && value.Bool;
        context.End();
        return isTrue;
    }
}
