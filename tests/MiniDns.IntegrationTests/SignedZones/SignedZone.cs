namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>A signed zone file.</summary>
/// <param name="Origin">Its name, without the last dot.</param>
/// <param name="File">Where the file is.</param>
/// <param name="Ds">The data of its DS record: tag, algorithm, digest type, digest.</param>
internal sealed record SignedZone(string Origin, string File, string Ds);
