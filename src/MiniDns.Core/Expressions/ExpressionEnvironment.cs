using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Expressions;

/// <summary>The names that expressions may use.</summary>
/// <param name="functions">Functions beside the built-in ones.</param>
public sealed class ExpressionEnvironment(IReadOnlyList<ExpressionFunction> functions)
{
    /// <summary>The most variables; as many names of <c>let</c> and of elements of lists may be in sight.</summary>
    public const int MaxVariables = 64;

    private readonly List<(string Name, ExpressionType Type)> _variables = [];
    private readonly List<(string Name, ExpressionType Type)> _temporaries = [];

    /// <summary>The variables declared so far.</summary>
    public int VariableCount => _variables.Count;

    /// <summary>All names that mean something.</summary>
    public IReadOnlyCollection<string> Names => [.. _variables.Select(v => v.Name), .. functions.Select(f => f.Name), .. ExpressionBuiltins.Names];

    /// <summary>True when a name may be given to a variable: it is a name, and means nothing yet.</summary>
    public bool IsFree(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        && !ExpressionLexer.Reserved.Contains(name) && !Names.Contains(name, StringComparer.Ordinal);

    /// <summary>Declares a variable for the expressions that are read from now on.</summary>
    /// <param name="name">Its name; see <see cref="IsFree"/>.</param>
    /// <param name="type">What it will be.</param>
    /// <returns>Its place in a context; -1 when there are <see cref="MaxVariables"/> already.</returns>
    public int Declare(string name, ExpressionType type)
    {
        if (_variables.Count == MaxVariables)
        {
            return -1;
        }

        _variables.Add((name, type));
        return _variables.Count - 1;
    }

    /// <summary>How many names of <c>let</c> and of elements are in sight.</summary>
    internal int TemporaryCount => _temporaries.Count;

    /// <summary>Declares a name for a part of one expression; its place is behind those of all variables.</summary>
    internal int DeclareTemporary(string name, ExpressionType type)
    {
        if (_temporaries.Count == MaxVariables)
        {
            return -1;
        }

        _temporaries.Add((name, type));
        return MaxVariables + _temporaries.Count - 1;
    }

    /// <summary>Takes back the last declarations for a part of an expression.</summary>
    internal void ForgetTemporaries(int kept) => _temporaries.RemoveRange(kept, _temporaries.Count - kept);

    internal bool TryFindVariable(string name, out int place, out ExpressionType type)
    {
        place = _temporaries.FindLastIndex(v => v.Name == name);
        if (place >= 0)
        {
            type = _temporaries[place].Type;
            place += MaxVariables;
            return true;
        }

        place = _variables.FindLastIndex(v => v.Name == name);
        type = place < 0 ? default : _variables[place].Type;
        return place >= 0;
    }

    internal bool TryFindFunction(string name, [NotNullWhen(true)] out ExpressionFunction? function)
    {
        function = functions.FirstOrDefault(f => f.Name == name) ?? ExpressionBuiltins.Functions.FirstOrDefault(f => f.Name == name);
        return function is not null;
    }
}
