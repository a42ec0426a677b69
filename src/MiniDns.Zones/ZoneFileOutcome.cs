namespace MiniDns.Zones;

/// <summary>What a look at a zone's file came to.</summary>
public enum ZoneFileOutcome
{
    /// <summary>The file is the same as before.</summary>
    Unchanged,

    /// <summary>The file has changed, but the serial number in it has not; the zone stays as it was.</summary>
    SameSerial,

    /// <summary>The zone was read and is served.</summary>
    Loaded,

    /// <summary>The file is not there or cannot be read; the zone stays as it was.</summary>
    Unreadable,

    /// <summary>What is in the file cannot be served; the zone stays as it was.</summary>
    Refused,
}
