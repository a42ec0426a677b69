using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>A template in Go's text/template language, read once and rendered often.</summary>
internal sealed class CompiledTemplate
{
    /// <summary>The longest template, in characters.</summary>
    public const int MaxLength = 32_768;

    private readonly TemplateStatement[] _body;

    private CompiledTemplate(string source, TemplateStatement[] body, TemplateParser parser)
    {
        Source = source;
        _body = body;
        IsConstant = !parser.UsesData;
        Warnings = parser.Warnings;
        MethodArguments = parser.MethodArguments;
    }

    /// <summary>The template as it was written.</summary>
    public string Source { get; }

    /// <summary>True when the data cannot change the output.</summary>
    public bool IsConstant { get; }

    /// <summary>What is sure to fail when it is rendered.</summary>
    public IReadOnlyList<TemplateProblem> Warnings { get; }

    /// <summary>The texts that methods are called with.</summary>
    public IReadOnlyList<(string Method, string Argument)> MethodArguments { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template.</param>
    /// <param name="schema">What its data will have.</param>
    /// <param name="template">The template, ready to be rendered.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryParse(string source, TemplateSchema schema, [NotNullWhen(true)] out CompiledTemplate? template, [NotNullWhen(false)] out TemplateProblem? problem)
    {
        template = null;
        if (source.Length > MaxLength)
        {
            problem = new TemplateProblem(0, $"a template must not be longer than {MaxLength} characters");
            return false;
        }

        var parser = new TemplateParser(source, schema);
        if (!parser.TryParse(out TemplateStatement[]? body, out problem))
        {
            return false;
        }

        template = new CompiledTemplate(source, body, parser);
        return true;
    }

    /// <summary>Renders the template into <see cref="TemplateRun.Output"/>.</summary>
    /// <param name="run">Takes the output.</param>
    /// <param name="data">What the dot stands for.</param>
    /// <returns>False when something went wrong: <see cref="TemplateRun.Problem"/>.</returns>
    public bool TryRender(TemplateRun run, TemplateValue data)
    {
        run.Begin(data);
        bool isDone = TemplateStatement.ExecuteAll(_body, run);
        run.End();
        return isDone;
    }
}
