// The least that a window can show: what the face's start is measured against.
import QtQuick

Rectangle {}
