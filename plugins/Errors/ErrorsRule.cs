using Microsoft.Extensions.Logging;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Errors;

/// <summary>One <c>consolidate</c>: failures that are counted for a while instead of being logged one by one.</summary>
/// <param name="Period">For how long, from the first of them.</param>
/// <param name="Pattern">What their reason looks like.</param>
/// <param name="Level">The level of the summary.</param>
/// <param name="ShowsFirst">True when the first of them is logged at once.</param>
internal sealed record ErrorsRule(TimeSpan Period, GoRegex Pattern, LogLevel Level, bool ShowsFirst);
