using System.Globalization;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>Does a function's work.</summary>
/// <returns>What went wrong; null when nothing did.</returns>
internal delegate string? TemplateWork(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value);

/// <summary>A function that templates can call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LeastArguments">The least arguments it takes.</param>
/// <param name="MostArguments">The most arguments it takes.</param>
/// <param name="Invoke">Does its work.</param>
internal sealed record TemplateFunction(string Name, int LeastArguments, int MostArguments, TemplateWork Invoke)
{
    /// <summary>How many arguments it takes, in words.</summary>
    public string Arguments => LeastArguments == MostArguments ? $"{LeastArguments} argument(s)"
        : MostArguments == int.MaxValue ? $"at least {LeastArguments} argument(s)"
        : string.Create(CultureInfo.InvariantCulture, $"{LeastArguments} to {MostArguments} arguments");
}
