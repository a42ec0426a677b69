namespace MiniDns.Server.Building.Lint;

/// <summary>Looks for one kind of mistake that no plugin can see by itself: something that starts, and then does not do what its author wants.</summary>
internal interface ILintRule
{
    /// <summary>Notes what it finds.</summary>
    void Check(LintContext context);
}
