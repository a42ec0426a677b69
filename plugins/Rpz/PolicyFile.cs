using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>Reads policy zones from zone files. What is malformed is noted and left out.</summary>
internal static class PolicyFile
{
    /// <summary>More malformed entries than this make a file unusable.</summary>
    private const int MaxErrors = 10_000;

    /// <summary>Zone text from which on the memory used for reading is given back to the system at once, in octets.</summary>
    private const int LargeText = 8 << 20;

    /// <summary>Reads a zone.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="path">The file, for messages and includes.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="malformed">How many records were left out.</param>
    /// <param name="mayInclude">Whether it may include other files.</param>
    /// <returns>Null when the file is something else in the place of a policy zone: without SOA record, or with more that is malformed than
    /// right.</returns>
    public static PolicyZone? Read(byte[] text, string path, DnsName origin, ZoneProblems problems, out int malformed, bool mayInclude = true)
    {
        PolicyZone? zone = ReadText(text, path, origin, problems, out malformed, mayInclude);
        if (text.Length >= LargeText)
        {
            // What reading needed is several times the zone itself.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        return zone;
    }

    private static PolicyZone? ReadText(byte[] text, string path, DnsName origin, ZoneProblems problems, out int malformed, bool mayInclude)
    {
        // A record without TTL is a matter of taste here: most are aliases whose TTL is never sent.
        var options = new ZoneFileOptions
        {
            Origin = origin,
            DefaultTtl = RpzZoneOptions.DefaultMaxTtl,
            MaxErrors = MaxErrors,
            FileName = path,
            Include = mayInclude ? static included => File.ReadAllBytes(included) : null,
        };
        var reader = new ZoneFileReader(text, options);
        var builder = new PolicyBuilder(origin, problems);
        while (reader.TryRead())
        {
            builder.Add(reader.Owner, reader.Type, reader.Class, reader.Ttl, reader.Rdata, new ZonePlace(reader.File, reader.Line, reader.Column));
        }

        foreach (ZoneFileError error in reader.Errors)
        {
            problems.Warning(new ZonePlace(error.File, error.Line, error.Column), error.Message + "; the entry is left out");
        }

        malformed = builder.Malformed + reader.Errors.Count;
        if (reader.Errors.Count >= MaxErrors || malformed > builder.Records + 1)
        {
            problems.Error(new ZonePlace(path), $"{malformed} records are malformed, {builder.Records} are right");
            return null;
        }

        builder.Malformed = malformed;
        return builder.TryBuild(new ZonePlace(path));
    }
}
