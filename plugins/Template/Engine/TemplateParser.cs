using System.Diagnostics.CodeAnalysis;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>Reads a template's structure: text, actions, and what stands between <c>if</c>, <c>range</c> or <c>with</c> and <c>end</c>.</summary>
/// <remarks>Parsing ends at the first error. What is sure to fail when it is rendered, but not before, is a warning, because Go accepts it.</remarks>
internal sealed partial class TemplateParser
{
    /// <summary>How deep blocks, parentheses and pipelines may nest together.</summary>
    public const int MaxDepth = 64;

    /// <summary>The most variables that are in sight at one place.</summary>
    public const int MaxVariables = 64;

    private readonly TemplateLexer _lexer;
    private readonly TemplateSchema _schema;
    private readonly List<string> _variables = ["$"];
    private readonly List<TemplateProblem> _warnings = [];
    private readonly List<(string Method, string Argument)> _methodArguments = [];
    private TemplateToken _token;
    private TemplateProblem? _problem;
    private int _depth;
    private int _loops;
    private bool _dotIsData = true;

    /// <summary>Starts reading.</summary>
    public TemplateParser(string text, TemplateSchema schema)
    {
        _lexer = new TemplateLexer(text);
        _schema = schema;
        _token = _lexer.Next();
    }

    /// <summary>How a body ends.</summary>
    private enum Ending
    {
        /// <summary>Not properly.</summary>
        Error,

        /// <summary>With the template.</summary>
        Template,

        /// <summary>With <c>end</c>.</summary>
        End,

        /// <summary>With <c>else</c>, whose action is not read to its end.</summary>
        Else,
    }

    /// <summary>True when the template looks at its data.</summary>
    public bool UsesData { get; private set; }

    /// <summary>What is sure to fail when it is rendered.</summary>
    public IReadOnlyList<TemplateProblem> Warnings => _warnings;

    /// <summary>The texts that methods are called with.</summary>
    public IReadOnlyList<(string Method, string Argument)> MethodArguments => _methodArguments;

    /// <summary>Reads the whole template.</summary>
    public bool TryParse([NotNullWhen(true)] out TemplateStatement[]? body, [NotNullWhen(false)] out TemplateProblem? problem)
    {
        Ending ending = ReadBody(out body);
        if (ending is Ending.End or Ending.Else)
        {
            Fail(_token.Offset, $"'{(ending == Ending.End ? "end" : "else")}' has no 'if', 'range' or 'with' before it");
        }

        problem = _problem;
        return problem is null;
    }

    private bool Fail(int offset, string message)
    {
        _problem ??= _token.Kind == TemplateTokenKind.Error ? new TemplateProblem(_token.Offset, _token.Text) : new TemplateProblem(offset, message);
        return false;
    }

    private void Advance() => _token = _lexer.Next();

    private Ending ReadBody(out TemplateStatement[] body)
    {
        List<TemplateStatement> statements = [];
        Ending ending = ReadStatements(statements);
        body = [.. statements];
        return ending;
    }

    private Ending ReadStatements(List<TemplateStatement> statements)
    {
        while (true)
        {
            switch (_token.Kind)
            {
                case TemplateTokenKind.End:
                    return Ending.Template;
                case TemplateTokenKind.Text:
                    statements.Add(new TemplateStatement.Verbatim(_token.Offset, _token.Text));
                    Advance();
                    continue;
                case TemplateTokenKind.Open:
                    Advance();
                    break;
                default:
                    Fail(_token.Offset, $"'{_token.Text}' has no meaning here");
                    return Ending.Error;
            }

            if (_token is { Kind: TemplateTokenKind.Word, Text: "else" })
            {
                Advance();
                return Ending.Else;
            }

            if (_token is { Kind: TemplateTokenKind.Word, Text: "end" })
            {
                Advance();
                return ExpectClose() ? Ending.End : Ending.Error;
            }

            if (ReadAction() is not { } statement)
            {
                return Ending.Error;
            }

            statements.Add(statement);
        }
    }

    private bool ExpectClose()
    {
        if (_token.Kind != TemplateTokenKind.Close)
        {
            return Fail(_token.Offset, $"'}}}}' is expected, not '{_token.Text}'");
        }

        Advance();
        return true;
    }

    /// <summary>Reads one action, after its opening braces.</summary>
    private TemplateStatement? ReadAction()
    {
        int offset = _token.Offset;
        if (_token.Kind == TemplateTokenKind.Word)
        {
            string word = _token.Text;
            switch (word)
            {
                case "if" or "with" or "range":
                    Advance();
                    return ReadBlock(offset, word);
                case "break" or "continue":
                    Advance();
                    if (_loops == 0)
                    {
                        Fail(offset, $"'{word}' may stand only between 'range' and its 'end'");
                        return null;
                    }

                    return ExpectClose() ? new TemplateStatement.Leave(offset, word == "break" ? TemplateRun.Jump.Break : TemplateRun.Jump.Continue) : null;
                case "define" or "template" or "block":
                    Fail(offset, $"'{word}' is not supported: a record's template is one piece");
                    return null;
            }
        }

        if (ReadPipeline(out bool isSilent) is not { } expression || !ExpectClose())
        {
            return null;
        }

        return isSilent ? new TemplateStatement.Silent(offset, expression) : new TemplateStatement.Insertion(offset, expression);
    }

    /// <summary>Reads the rest of an <c>if</c>, <c>with</c> or <c>range</c> with all that belongs to it.</summary>
    private TemplateStatement? ReadBlock(int offset, string word)
    {
        if (++_depth > MaxDepth)
        {
            Fail(offset, TooDeep);
            return null;
        }

        int inSight = _variables.Count;
        int key = -1;
        int value = -1;
        if ((word == "range" ? ReadRange(out key, out value) : ReadPipeline(out _)) is not { } expression || !ExpectClose())
        {
            return null;
        }

        bool dotWasData = _dotIsData;
        _dotIsData &= word == "if";
        _loops += word == "range" ? 1 : 0;
        Ending ending = ReadBody(out TemplateStatement[] body);
        _loops -= word == "range" ? 1 : 0;
        _dotIsData = dotWasData;
        TemplateStatement[] otherwise = [];
        if (ending == Ending.Else)
        {
            ending = ReadElse(word, out otherwise);
        }

        _variables.RemoveRange(inSight, _variables.Count - inSight);
        _depth--;
        if (ending == Ending.Template)
        {
            Fail(offset, $"this '{word}' is never ended; '{{{{ end }}}}' is expected");
        }
        else if (ending == Ending.Else)
        {
            Fail(_token.Offset, "a second 'else' cannot follow the first");
        }

        return ending != Ending.End ? null
            : word == "range" ? new TemplateStatement.Loop(offset, expression, key, value, body, otherwise)
            : new TemplateStatement.Condition(offset, expression, word == "with", body, otherwise);
    }

    private Ending ReadElse(string word, out TemplateStatement[] otherwise)
    {
        int offset = _token.Offset;
        if (_token.Kind == TemplateTokenKind.Word && _token.Text == word && word != "range")
        {
            // 'else if' shares the 'end' of the 'if' before it.
            Advance();
            TemplateStatement? nested = ReadBlock(offset, word);
            otherwise = nested is null ? [] : [nested];
            return nested is null ? Ending.Error : Ending.End;
        }

        if (!ExpectClose())
        {
            otherwise = [];
            return Ending.Error;
        }

        return ReadBody(out otherwise);
    }

    /// <summary>Reads <c>[$key, $value :=] pipeline</c>.</summary>
    private TemplateExpression? ReadRange(out int key, out int value)
    {
        key = -1;
        value = -1;
        if (_token.Kind != TemplateTokenKind.Variable)
        {
            return ReadPipeline(out _);
        }

        TemplateToken first = _token;
        Advance();
        TemplateToken second = default;
        if (_token.Kind == TemplateTokenKind.Comma)
        {
            Advance();
            second = _token;
            if (second.Kind != TemplateTokenKind.Variable)
            {
                Fail(second.Offset, $"a second variable such as $value is expected, not '{second.Text}'");
                return null;
            }

            Advance();
        }

        if (_token.Kind is not (TemplateTokenKind.Declare or TemplateTokenKind.Assign))
        {
            if (second.Kind == TemplateTokenKind.Variable)
            {
                Fail(_token.Offset, $"':=' is expected, not '{_token.Text}'");
                return null;
            }

            return ReadPipelineFrom(first);
        }

        bool declares = _token.Kind == TemplateTokenKind.Declare;
        Advance();
        if (ReadPipeline(out _) is not { } over)
        {
            return null;
        }

        bool two = second.Kind == TemplateTokenKind.Variable;
        int firstPlace = declares ? Declare(first) : Find(first);
        int secondPlace = !two ? -1 : declares ? Declare(second) : Find(second);
        key = two ? firstPlace : -1;
        value = two ? secondPlace : firstPlace;
        return _problem is null ? over : null;
    }

    private int Declare(TemplateToken token)
    {
        if (_variables.Count == MaxVariables)
        {
            Fail(token.Offset, $"there may be at most {MaxVariables} variables");
            return 0;
        }

        _variables.Add(token.Text);
        return _variables.Count - 1;
    }

    private int Find(TemplateToken token)
    {
        int place = _variables.LastIndexOf(token.Text);
        if (place < 0)
        {
            Fail(token.Offset, $"there is no variable '{token.Text}' here{NearNames.Hint(token.Text, _variables)}; '{{{{ {token.Text} := … }}}}' makes one");
        }

        return Math.Max(place, 0);
    }

    private static string TooDeep => $"blocks, parentheses and pipelines must not nest deeper than {MaxDepth}";
}
