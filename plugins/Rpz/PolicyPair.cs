namespace MiniDns.Plugins.Rpz;

/// <summary>The rules of a name: their numbers, -1 for none.</summary>
/// <param name="Exact">For the name itself.</param>
/// <param name="Below">For the names below it: the rule of a wildcard.</param>
internal readonly record struct PolicyPair(int Exact, int Below)
{
    /// <summary>No rules.</summary>
    public static PolicyPair None => new(-1, -1);
}
