namespace MiniDns.Client;

/// <summary>Counts what happens between us and an upstream.</summary>
public interface IUpstreamMeter
{
    /// <summary>A query went over a socket that was there already.</summary>
    void SocketReused(UpstreamProtocol protocol);

    /// <summary>A query made a new socket necessary.</summary>
    void SocketOpened(UpstreamProtocol protocol);

    /// <summary>A message came that answers nothing we asked: another id, question or kind.</summary>
    void AnswerIgnored(UpstreamProtocol protocol);

    /// <summary>An answer over UDP was not believed; its question goes over TCP instead.</summary>
    /// <param name="doubt">Why.</param>
    void AnswerDoubted(AnswerDoubt doubt);

    /// <summary>TCP has told that the upstream does not know a protection, or not any more: it is done without from now on.</summary>
    /// <param name="protection">Which.</param>
    void ProtectionGivenUp(AnswerDoubt protection);

    /// <summary>A connection could not be made because the upstream's certificate was not good enough, or the handshake failed.</summary>
    /// <param name="protocol">What was tried.</param>
    /// <param name="reason">Why, for a log: the sentence's subject is the upstream.</param>
    void HandshakeFailed(UpstreamProtocol protocol, string reason);

    /// <summary>A query was not sent because too many wait already.</summary>
    void TableFull(UpstreamProtocol protocol);
}
