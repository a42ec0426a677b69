namespace MiniDns.Zones;

/// <summary>What becomes of a node in a version that is made by changes.</summary>
internal sealed class NodeEdit
{
    /// <summary>The node's id in the zone; -1 for none yet.</summary>
    public int Id { get; set; } = -1;

    /// <summary>The node in the version before, perhaps a phantom; when <see cref="Id"/> is one of that version's.</summary>
    public ZoneNode Old { get; init; }

    /// <summary>True when the name was in the version before.</summary>
    public bool WasThere { get; init; }

    /// <summary>True when the name is in the new version.</summary>
    public bool IsThere { get; set; }

    /// <summary>True when the builder has all records of the new version; else they are as before.</summary>
    public bool IsRead { get; set; }

    /// <summary>How many names are directly below in the new version.</summary>
    public int Children { get; set; }

    /// <summary>How many of the names that were directly below have an edit of their own.</summary>
    public int KnownChildren { get; set; }

    /// <summary>The id of the child <c>*</c> in the new version, or -1.</summary>
    public int Wildcard { get; set; } = -1;

    /// <summary>True when names below, which have no edit of their own, come to be hidden by another node than before.</summary>
    public bool IsRoot { get; set; }
}
