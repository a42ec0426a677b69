namespace MiniDns.Client.Transfers;

/// <summary>A key that questions to a primary are signed with (TSIG, RFC 8945).</summary>
public interface ITransferKey
{
    /// <summary>The key's name, for messages.</summary>
    string Name { get; }

    /// <summary>Starts to sign a request and to check its answer.</summary>
    ITransferSignature Start();
}
