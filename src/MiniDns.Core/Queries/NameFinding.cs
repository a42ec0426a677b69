namespace MiniDns.Queries;

/// <summary>What a question says about whether its name exists.</summary>
public enum NameFinding : byte
{
    /// <summary>There is no such name, as far as this type tells.</summary>
    Denied,

    /// <summary>There is no such name, and no other type can say otherwise.</summary>
    DeniedForGood,

    /// <summary>The name exists.</summary>
    Exists,

    /// <summary>Nobody knows.</summary>
    Failed,

    /// <summary>Nobody is to be told anything.</summary>
    Dropped,
}
