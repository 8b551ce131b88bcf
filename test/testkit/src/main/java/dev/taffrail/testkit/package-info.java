/**
 * What tests of plugins share: a host for one or a few plugins, scenarios of deciders, contracts.
 */
package dev.taffrail.testkit;
