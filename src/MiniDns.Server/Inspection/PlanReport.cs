namespace MiniDns.Server.Inspection;

/// <summary>What a server would do with a configuration.</summary>
/// <param name="Check">What is wrong or doubtful; with an error the rest is empty.</param>
/// <param name="Blocks">The server blocks, in file order.</param>
/// <param name="Listeners">Where DNS is served.</param>
/// <param name="Pages">The HTTP pages.</param>
/// <param name="Files">Every file that the configuration is made from.</param>
public sealed record PlanReport(
    CheckReport Check,
    IReadOnlyList<PlannedBlock> Blocks,
    IReadOnlyList<PlannedListener> Listeners,
    IReadOnlyList<PlannedPage> Pages,
    IReadOnlyList<string> Files);
