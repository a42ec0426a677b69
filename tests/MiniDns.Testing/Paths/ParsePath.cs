using MiniDns.Queries;

namespace MiniDns.Testing.Paths;

/// <summary>From a datagram's octets to a question: header, name in lower case, hash, records behind the question.</summary>
internal sealed class ParsePath : QueryPath
{
    private readonly DnsQuery _query = new(2048, 4096);
    private int _next;

    public override void Run()
    {
        byte[] message = Messages[_next++ % Messages.Length];
        message.CopyTo(_query.ReceiveBuffer, 0);
        if (_query.Begin(message.Length, DnsTransport.Udp) != QueryVerdict.Accept)
        {
            throw new InvalidOperationException("a question was not accepted");
        }
    }

    protected override Task SetUpAsync()
    {
        Ask("host{0}.example.org.");
        return Task.CompletedTask;
    }
}
