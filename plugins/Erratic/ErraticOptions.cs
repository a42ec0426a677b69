namespace MiniDns.Plugins.Erratic;

/// <summary>How a server misbehaves.</summary>
internal sealed record ErraticOptions
{
    /// <summary>One query of so many gets no answer; 0 for none.</summary>
    public int Drop { get; init; } = 2;

    /// <summary>One reply of so many says that it is cut; 0 for none.</summary>
    public int Truncate { get; init; }

    /// <summary>One reply of so many comes late; 0 for none.</summary>
    public int Delay { get; init; }

    /// <summary>How late.</summary>
    public TimeSpan DelayBy { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>True to answer A with thirty records.</summary>
    public bool Large { get; init; }
}
