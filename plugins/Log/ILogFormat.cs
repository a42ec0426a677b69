namespace MiniDns.Plugins.Log;

/// <summary>How a line of the query log looks.</summary>
internal interface ILogFormat
{
    /// <summary>Gets ready, once every plugin of the block is set up.</summary>
    void Bind(BlockCapabilities block);

    /// <summary>Writes a line into memory of the present thread.</summary>
    /// <returns>The line; good until the thread writes another one.</returns>
    ReadOnlySpan<byte> Write(in LogEntry entry);
}
