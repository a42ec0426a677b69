using MiniDns.Queries;

namespace MiniDns.Plugins.Expressions;

/// <summary>The address of the client or of the server, as text; <c>incidr</c> takes it as it is.</summary>
internal sealed class AddressNode(bool isClient) : ExpressionNode(ExpressionKind.Text)
{
    private const int LongestText = 65;

    /// <summary>The address.</summary>
    public ClientAddress Address(DnsQuery query) => isClient ? query.Client : query.Local;

    public override ReadOnlySpan<char> Text(EvaluationState state)
    {
        ClientAddress address = Address(state.Query);
        if (state.Free.Length < LongestText)
        {
            state.Fail();
            return default;
        }

        return state.Take(QueryFunctions.FormatAddress(address, state.Free));
    }
}
