using System.Runtime.CompilerServices;
using MiniDns.Queries;

namespace MiniDns.Expressions;

/// <summary>What an expression is evaluated with: the query, the values of variables, and memory for texts and lists that come into being.
/// Used again and again, by one thread at a time; no object is made once its memory has grown as far as a configuration needs.</summary>
public class ExpressionContext
{
    /// <summary>The most steps of an evaluation.</summary>
    public const int MaxSteps = 20_000;

    /// <summary>The most characters of one text that an expression makes.</summary>
    public const int MaxText = 65_536;

    /// <summary>The most characters of all texts that are made for one query.</summary>
    public const int MaxTexts = 4 * MaxText;

    /// <summary>The most elements of a list, and of all lists that are made for one query.</summary>
    public const int MaxElements = 65_536;

    private const int KeptCharacters = 16_384;
    private const int KeptElements = 1024;

    private readonly ExpressionValue[] _variables = new ExpressionValue[2 * ExpressionEnvironment.MaxVariables];
    private int _variablesSet;
    private char[] _texts = [];
    private int _textsUsed;
    private int _textsTotal;
    private ExpressionValue[] _elements = [];
    private int _elementsUsed;
    private int _elementsTotal;
    private int _steps;

    /// <summary>The query; null while a configuration is read.</summary>
    public DnsQuery? Query { get; set; }

    /// <summary>False when nobody asks for <see cref="Problem"/>; it is then empty for whatever went wrong.</summary>
    public bool WantsProblems { get; init; } = true;

    /// <summary>What went wrong, if something did.</summary>
    public string? Problem { get; private set; }

    /// <summary>The value of a variable, by its place.</summary>
    public ExpressionValue this[int variable]
    {
        get => _variables[variable];
        set
        {
            _variables[variable] = value;
            _variablesSet = Math.Max(_variablesSet, variable + 1);
        }
    }

    /// <summary>Starts an evaluation; variables and the values that were made for the query stay.</summary>
    public void Begin()
    {
        _steps = 0;
        Problem = null;
    }

    /// <summary>Forgets the query, the variables and all values that were made.</summary>
    public void End()
    {
        Query = null;
        _variables.AsSpan(0, _variablesSet).Clear();
        _variablesSet = 0;
        _texts = _texts.Length > KeptCharacters ? [] : _texts;
        _textsUsed = _textsTotal = 0;
        _elements.AsSpan(0, _elementsUsed).Clear();
        _elements = _elements.Length > KeptElements ? [] : _elements;
        _elementsUsed = _elementsTotal = 0;
    }

    /// <summary>Notes what went wrong.</summary>
    /// <returns>False.</returns>
    public bool Fail(string message)
    {
        Problem ??= message;
        return false;
    }

    /// <summary>Notes what went wrong.</summary>
    /// <returns>False.</returns>
    public bool Fail([InterpolatedStringHandlerArgument("")] ref ExpressionFailure message)
    {
        Problem ??= message.Take();
        return false;
    }

    /// <summary>Counts a step.</summary>
    /// <returns>False when there were too many.</returns>
    internal bool Step() => ++_steps <= MaxSteps || Fail("the expression does not come to an end: it took more steps than it may");

    /// <summary>Gives room for a text, which <see cref="Take"/> makes of its beginning.</summary>
    /// <param name="length">The most characters that it can have.</param>
    /// <param name="room">So many characters.</param>
    /// <returns>False when that is more than there may be.</returns>
    internal bool TryRoom(long length, out Span<char> room)
    {
        room = default;
        if (length > MaxText || length > MaxTexts - _textsTotal)
        {
            return Fail(length > MaxText ? $"the text would be longer than {MaxText} characters" : $"the texts that are made for one query would be longer than {MaxTexts} characters");
        }

        if (_texts.Length - _textsUsed < length)
        {
            // Values keep the memory that they lie in, so it stays where it is.
            _texts = new char[Math.Max((int)length, Math.Clamp(2 * _texts.Length, 2048, MaxText))];
            _textsUsed = 0;
        }

        room = _texts.AsSpan(_textsUsed, (int)length);
        return true;
    }

    /// <summary>Makes a text of the beginning of the room that was given last.</summary>
    /// <param name="length">How many characters it has.</param>
    internal ExpressionValue Take(int length)
    {
        var text = ExpressionValue.From(_texts, _textsUsed, length);
        _textsUsed += length;
        _textsTotal += length;
        return text;
    }

    /// <summary>Makes a list whose elements are still to be put in.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="elements">The elements, for writing.</param>
    /// <param name="list">The list.</param>
    /// <returns>False when there may not be so many.</returns>
    internal bool TryTakeList(int count, out Span<ExpressionValue> elements, out ExpressionValue list)
    {
        elements = default;
        list = default;
        if (count > MaxElements - _elementsTotal)
        {
            return Fail($"the lists that are made for one query would have more than {MaxElements} elements");
        }

        if (_elements.Length - _elementsUsed < count)
        {
            _elements = new ExpressionValue[Math.Max(count, Math.Clamp(2 * _elements.Length, 64, MaxElements))];
            _elementsUsed = 0;
        }

        elements = _elements.AsSpan(_elementsUsed, count);
        list = ExpressionValue.From(_elements, _elementsUsed, count);
        _elementsUsed += count;
        _elementsTotal += count;
        return true;
    }
}
