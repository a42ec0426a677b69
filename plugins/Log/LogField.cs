namespace MiniDns.Plugins.Log;

/// <summary>What a placeholder of a log format stands for.</summary>
internal enum LogField : byte
{
    Literal,
    Label,
    Type,
    Name,
    Class,
    Protocol,
    Size,
    Remote,
    Port,
    Local,
    Id,
    Opcode,
    DnssecOk,
    BufferSize,
    ResponseCode,
    ResponseSize,
    ResponseFlags,
    Duration,
    ReplyClass,
    ReplyKind,
}
