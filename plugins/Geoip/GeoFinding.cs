namespace MiniDns.Plugins.Geoip;

/// <summary>What a query's address came to in a database.</summary>
/// <param name="Serial">The database's (<see cref="GeoDatabase.Serial"/>); 0 before it was looked up.</param>
/// <param name="IsFound">True when the address is in it.</param>
/// <param name="Record">Where its record begins.</param>
internal readonly record struct GeoFinding(int Serial, bool IsFound, int Record);
