using System.Text;
using MiniDns.Expressions;
using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;

namespace MiniDns.Plugins.Template;

/// <summary>What is needed to make records of templates, for one query at a time.</summary>
internal sealed class TemplateWorkspace
{
    /// <summary>The time to live, in seconds, of a record that does not tell its own.</summary>
    public const uint DefaultTtl = 3600;

    private static readonly ZoneFileOptions Options = new() { FileName = "template", Origin = DnsName.Root, DefaultTtl = DefaultTtl, MaxErrors = 1, MaxGenerated = 0 };

    private readonly TemplateRun _run = new();
    private readonly TemplateContext _context;
    private byte[] _octets = [];

    /// <summary>Makes a place to work in.</summary>
    public TemplateWorkspace() => _context = new TemplateContext(Data);

    /// <summary>What became of a template.</summary>
    public enum Result
    {
        /// <summary>A record: <see cref="Record"/>.</summary>
        Record,

        /// <summary>Nothing but white space.</summary>
        Nothing,

        /// <summary>It could not be rendered: <see cref="Problem"/>.</summary>
        TemplateFailed,

        /// <summary>What was rendered is no record: <see cref="Problem"/>.</summary>
        RecordFailed,
    }

    /// <summary>The query, as templates see it.</summary>
    public QueryData Data { get; } = new();

    /// <summary>The record, until the next one is made.</summary>
    public ZoneFileReader Record { get; } = new(default, Options);

    /// <summary>What went wrong.</summary>
    public TemplateProblem? Problem { get; private set; }

    /// <summary>Evaluates a directive's variables and conditions for the query that <see cref="Data"/> has.</summary>
    /// <param name="options">The directive.</param>
    /// <param name="problem">What went wrong; null when nothing did.</param>
    /// <returns>True when all conditions are.</returns>
    public bool Decide(TemplateOptions options, out string? problem)
    {
        _context.Query = Data.Query;
        bool decision = EvaluateVariables(options) && EvaluateConditions(options);
        problem = _context.Problem;
        _context.End();
        return decision;
    }

    /// <summary>Makes the record of a template.</summary>
    public Result Make(CompiledTemplate template)
    {
        if (!template.TryRender(_run, TemplateValue.From(Data)))
        {
            Problem = _run.Problem;
            return Result.TemplateFailed;
        }

        ReadOnlySpan<char> text = _run.Output.Span.Trim();
        if (text.IsEmpty)
        {
            return Result.Nothing;
        }

        if (text[0] == '$')
        {
            Problem = new TemplateProblem(0, $"'{Short(text)}' is a directive of zone files, not a record");
            return Result.RecordFailed;
        }

        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_octets.Length < most)
        {
            _octets = new byte[most];
        }

        int length = Encoding.UTF8.GetBytes(text, _octets);
        Record.Restart(_octets.AsMemory(0, length));
        if (Record.TryRead())
        {
            return Result.Record;
        }

        string error = Record.Errors is [{ } first, ..] ? first.Message : "there is no record in it";
        Problem = new TemplateProblem(0, $"'{Short(text)}' is not a record: {error}");
        return Result.RecordFailed;
    }

    private bool EvaluateVariables(TemplateOptions options)
    {
        for (int i = 0; i < options.Variables.Count; i++)
        {
            (string name, Expression expression) = options.Variables[i];
            if (!expression.TryEvaluate(_context, out ExpressionValue value))
            {
                return false;
            }

            _context[i] = value;
            Data.Variables.Add(name, TemplateContext.Convert(value));
        }

        return true;
    }

    private bool EvaluateConditions(TemplateOptions options)
    {
        for (int i = 0; i < options.Conditions.Count; i++)
        {
            if (!options.Conditions[i].TryEvaluate(_context, out ExpressionValue value) || value.Type != ExpressionType.Bool || !value.Bool)
            {
                return false;
            }
        }

        return true;
    }

    private static string Short(ReadOnlySpan<char> text) => text.Length > 100 ? text[..100].ToString() + "…" : text.ToString();
}
