namespace MiniDns.Zones;

/// <summary>Where a record was read.</summary>
/// <param name="File">The file, or a word for where else it came from (<c>transfer from 192.0.2.1</c>).</param>
/// <param name="Line">The line, from 1; 0 when there are no lines.</param>
/// <param name="Column">The column in octets, from 1.</param>
public readonly record struct ZonePlace(string File, int Line = 0, int Column = 0);
