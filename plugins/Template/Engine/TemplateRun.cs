namespace MiniDns.Plugins.Template.Engine;

/// <summary>One rendering of a template: its output and variables. Used again and again, by one thread at a time.</summary>
internal sealed class TemplateRun
{
    /// <summary>The most characters of a rendering, and of any text that it makes on the way.</summary>
    public const int MaxOutput = 65_536;

    /// <summary>The most steps of a rendering: expressions evaluated and rounds of loops.</summary>
    public const int MaxSteps = 20_000;

    private readonly TemplateValue[] _variables = new TemplateValue[TemplateParser.MaxVariables];
    private int _steps;

    /// <summary>Why control leaves a body before its end.</summary>
    public enum Jump
    {
        /// <summary>It does not.</summary>
        None,

        /// <summary><c>break</c>.</summary>
        Break,

        /// <summary><c>continue</c>.</summary>
        Continue,
    }

    /// <summary>What was rendered.</summary>
    public TemplateText Output { get; } = new(MaxOutput);

    /// <summary>A place to make a text in.</summary>
    public TemplateText Scratch { get; } = new(MaxOutput);

    /// <summary>The value of the dot.</summary>
    public TemplateValue Dot { get; set; }

    /// <summary>What went wrong, if something did.</summary>
    public TemplateProblem? Problem { get; private set; }

    /// <summary>Set on the way out of a loop's round.</summary>
    public Jump Leaving { get; set; }

    /// <summary>A variable's value; the one at 0 is <c>$</c>.</summary>
    public ref TemplateValue this[int variable] => ref _variables[variable];

    /// <summary>Starts a rendering.</summary>
    public void Begin(TemplateValue data)
    {
        Output.Clear();
        Scratch.Clear();
        Dot = data;
        _variables[0] = data;
        Problem = null;
        Leaving = Jump.None;
        _steps = 0;
    }

    /// <summary>Forgets the values, which may hold on to much.</summary>
    public void End()
    {
        Array.Clear(_variables);
        Dot = default;
    }

    /// <summary>Notes what went wrong.</summary>
    /// <returns>False.</returns>
    public bool Fail(int offset, string message)
    {
        Problem ??= new TemplateProblem(offset, message);
        return false;
    }

    /// <summary>Counts a step.</summary>
    /// <returns>False when there were too many.</returns>
    public bool Step(int offset) => ++_steps <= MaxSteps || Fail(offset, "the template does not come to an end: it took more steps than it may");
}
