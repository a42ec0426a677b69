using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Primaries;

/// <summary>How the versions of a zone that is transferred are made, kept and told apart.</summary>
/// <typeparam name="T">A version; immutable.</typeparam>
internal interface ITransferFormat<T>
    where T : class
{
    /// <summary>A version's serial number.</summary>
    uint SerialOf(T version);

    /// <summary>The rdata of a version's SOA record.</summary>
    ReadOnlySpan<byte> SoaOf(T version);

    /// <summary>Begins to make the next version.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="present">The version that changes are to; null when only a whole zone will do.</param>
    /// <param name="source">Where the transfer comes from, for messages.</param>
    TransferUpdate<T> Update(DnsName origin, T? present, string source);

    /// <summary>Reads a version that was kept.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="failure">Why there is none.</param>
    T? Read(byte[] text, string path, DnsName origin, out string? failure);

    /// <summary>Writes a version as a zone file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    void Write(T version, Stream file);
}
