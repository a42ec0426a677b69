using MiniDns.Client.Transfers;
using MiniDns.Zones;

namespace MiniDns.Plugins.Primaries;

/// <summary>Makes a zone's next version of a transfer.</summary>
/// <typeparam name="T">A version.</typeparam>
internal interface ITransferUpdate<T> : ITransferSink
    where T : class
{
    /// <summary>What was found wrong or doubtful.</summary>
    ZoneProblems Problems { get; }

    /// <summary>Makes the version once the transfer has ended well.</summary>
    /// <param name="version">The version.</param>
    /// <param name="failure">Why there is none.</param>
    bool TryBuild(out T? version, out string? failure);
}
