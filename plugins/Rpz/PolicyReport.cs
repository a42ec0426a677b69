using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>Says what is wrong in a policy zone.</summary>
internal static class PolicyReport
{
    /// <summary>How many problems of one version are told of in words.</summary>
    private const int MaxTold = 20;

    /// <summary>Tells of the first problems where the configuration is read, and how many more there are.</summary>
    /// <param name="diagnostics">Where to.</param>
    /// <param name="problems">What was found.</param>
    /// <param name="malformed">How many records are malformed.</param>
    public static void Tell(ConfigDiagnostics diagnostics, ZoneProblems problems, int malformed)
    {
        ZoneProblem[] told = [.. problems.Warnings.Take(MaxTold)];
        for (int i = 0; i < told.Length; i++)
        {
            string more = i == MaxTold - 1 && malformed > MaxTold ? $"; {malformed - MaxTold} more records are malformed" : string.Empty;
            diagnostics.Warning(new SourceSpan(told[i].File, told[i].Line, told[i].Column, 1), $"rpz: {told[i].Message}{more}");
        }
    }

    /// <summary>Tells of the first problems, and how many more there are.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="source">Where the zone comes from.</param>
    /// <param name="problems">What was found.</param>
    /// <param name="malformed">How many records are malformed.</param>
    public static void Tell(ILogger logger, string source, ZoneProblems problems, int malformed)
    {
        int told = 0;
        foreach (ZoneProblem problem in problems.Warnings.Take(MaxTold))
        {
            told++;
            RpzLog.Problem(logger, problem.ToString());
        }

        if (malformed > told)
        {
            RpzLog.MoreProblems(logger, source, malformed - told);
        }
    }
}
